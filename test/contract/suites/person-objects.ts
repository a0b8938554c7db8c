import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LakePeople } from "../../../functions/core/ports/lake-people.ts";
import type { PersonObject, PersonObjects } from "../../../functions/core/ports/person-objects.ts";

/** The index of objects by person, and how it is written. */
export interface OpenPersonObjects {
  readonly objects: PersonObjects;
  readonly people: Pick<LakePeople, "add">;
}

/** What every index of objects by person holds to, for its eraser. */
export function personObjectsSuite(name: string, open: () => Promise<OpenPersonObjects>): void {
  describe(`PersonObjects: ${name}`, () => {
    let index: OpenPersonObjects;
    let user: string;
    beforeAll(async () => {
      index = await open();
    });
    beforeEach(() => {
      user = `web:${randomUUID()}`;
    });
    const list = async (userId: string, prefix: string): Promise<PersonObject[]> => {
      const found: PersonObject[] = [];
      for await (const entry of index.objects.list(userId, prefix)) found.push(entry);
      return found;
    };
    const add = (user_id: string, key: string, generation = 1) =>
      index.people.add(key, [{ user_id, generation }]);

    it("lists a person's objects under a prefix, in order, and nobody else's", async () => {
      await add(user, "media/b", 2);
      await add(user, "media/a");
      await add(user, "mediator/c");
      await add(`${user}4`, "media/d");
      expect(await list(user, "media/")).toEqual([
        { user_id: user, key: "media/a", generation: 1 },
        { user_id: user, key: "media/b", generation: 2 },
      ]);
      expect(await list(user, "")).toHaveLength(3);
      expect(await list(`web:${randomUUID()}`, "")).toEqual([]);
    });

    it("takes ids and prefixes as they are", async () => {
      for (const id of ["*", "a:b", "{x}", "../", "%2F", '"}', "\u{1f642}"]) {
        await add(`${user}${id}`, "media/%/*");
        expect(await list(`${user}${id}`, "media/%")).toHaveLength(1);
        expect(await list(`${user}${id}`, "media/*")).toHaveLength(0);
      }
    });

    it("forgets entries of a generation or a lower one, and says how many", async () => {
      await add(user, "media/a", 1);
      await add(user, "media/b", 2);
      const entries = ["media/a", "media/b", "media/none"].map((key) => ({
        user_id: user,
        key,
        generation: 1,
      }));
      expect(await index.objects.remove(entries)).toBe(1);
      expect(await list(user, "")).toEqual([{ user_id: user, key: "media/b", generation: 2 }]);
      expect(await index.objects.remove(entries)).toBe(0);
      expect(await index.objects.remove([{ user_id: user, key: "media/b", generation: 3 }])).toBe(1);
      expect(await index.objects.remove([])).toBe(0);
    });

    it("lists and forgets more than fit into a page or a call", async () => {
      const keys = Array.from(
        { length: 300 },
        (_, n) => `media/${"x".repeat(800)}/${String(n).padStart(4, "0")}`,
      );
      await Promise.all(keys.map((key) => add(user, key)));
      const found = await list(user, "media/");
      expect(found.map(({ key }) => key)).toEqual(keys);
      expect(await index.objects.remove(found)).toBe(300);
      expect(await list(user, "")).toEqual([]);
    });
  });
}
