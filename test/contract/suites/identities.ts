import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Identities, IdentityLink } from "../../../functions/core/ports/identities.ts";

/** What everything that knows whose an id is holds to. */
export function identitiesSuite(name: string, open: () => Promise<Identities>): void {
  describe(`Identities: ${name}`, () => {
    let identities: Identities;
    let alias: string;
    let person: string;
    beforeAll(async () => {
      identities = await open();
    });
    beforeEach(() => {
      alias = `whatsapp:+34${randomUUID()}`;
      person = `person_${randomUUID()}`;
    });
    const aLink = (over: Partial<IdentityLink> = {}): IdentityLink => ({
      alias,
      person_id: person,
      valid_from: "2026-01-01T00:00:00.000Z",
      ...over,
    });

    it("finds a link both ways", async () => {
      expect(await identities.ofAlias(alias)).toEqual([]);
      await identities.link(aLink());
      expect(await identities.ofAlias(alias)).toEqual([aLink()]);
      expect(await identities.ofPerson(person)).toEqual([aLink()]);
      expect(await identities.ofAlias(alias.slice(0, -1))).toEqual([]);
    });

    it("changes nothing but the end when the same link is made again, both ways", async () => {
      await identities.link(aLink());
      const ended = aLink({ valid_to: "2026-06-01T00:00:00.000Z" });
      await identities.link({ ...ended, valid_from: "2026-02-01T00:00:00.000Z" });
      expect(await identities.ofAlias(alias)).toEqual([ended]);
      expect(await identities.ofPerson(person)).toEqual([ended]);
      await identities.link(aLink());
      expect(await identities.ofPerson(person)).toEqual([aLink()]);
    });

    it("keeps both people of a number that was passed on", async () => {
      const first = aLink({ valid_to: "2026-06-01T00:00:00.000Z" });
      const second = aLink({ person_id: `person_${randomUUID()}`, valid_from: "2026-07-01T00:00:00.000Z" });
      await identities.link(first);
      await identities.link(second);
      const links = await identities.ofAlias(alias);
      expect(new Set(links)).toEqual(new Set([first, second]));
      expect(await identities.ofPerson(person)).toEqual([first]);
    });

    it("knows all ids of a person, however many", async () => {
      const links = Array.from({ length: 30 }, (_, n) => aLink({ alias: `web:${randomUUID()}-${n}` }));
      await Promise.all(links.map((link) => identities.link(link)));
      expect(new Set(await identities.ofPerson(person))).toEqual(new Set(links));
    });

    it.each(["*", "a:b", "{x}", "../", "%2F", '"}', "🙂", "+123"])("takes %s as it is", async (id) => {
      const odd = aLink({ alias: `${alias}:${id}` });
      await identities.link(odd);
      expect(await identities.ofAlias(odd.alias)).toEqual([odd]);
      expect(await identities.ofPerson(person)).toEqual([odd]);
    });
  });
}
