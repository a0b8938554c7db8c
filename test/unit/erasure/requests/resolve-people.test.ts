import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ErasureSubject } from "../../../../functions/core/domain/erasure.ts";
import {
  resolveFurther,
  resolvePeople,
} from "../../../../functions/core/use-cases/erasure/resolve-people.ts";
import { FakeIdentities } from "../../../support/fakes/fake-identities.ts";

const MAY = "2026-05-01T00:00:00.000Z";

async function linked(...links: readonly (readonly [alias: string, person: string, validTo?: string])[]) {
  const identities = new FakeIdentities();
  for (const [alias, person_id, valid_to] of links)
    await identities.link({ alias, person_id, valid_from: MAY, ...(valid_to && { valid_to }) });
  return identities;
}

const wanted = (...ids: string[]): ErasureSubject[] =>
  ids.map((id, index) => ({ person: index + 1, user_ids: [id] }));

describe("the ids of a person", () => {
  it("are the given one alone where nothing is linked", async () => {
    const people = await resolvePeople(wanted("tg:1"), { identities: await linked() });
    expect(people).toEqual([{ person: 1, user_ids: ["tg:1"] }]);
  });

  it("are all that their person is linked to", async () => {
    const identities = await linked(["tg:1", "p1"], ["wa:+1", "p1"], ["web:1", "p1"], ["web:2", "p2"]);
    const [person] = await resolvePeople(wanted("wa:+1"), { identities });
    expect(person).toMatchObject({
      person_ids: ["p1"],
      user_ids: expect.arrayContaining(["tg:1", "wa:+1", "web:1"]),
    });
    expect(person?.user_ids).toHaveLength(3);
  });

  it("are literals", async () => {
    const identities = await linked(["wa:+123", "p1"], ["wa:+1234", "p2"], ["tg:*", "p2"]);
    const [person] = await resolvePeople(wanted("wa:+123"), { identities });
    expect(person?.user_ids).toEqual(["wa:+123"]);
  });

  it("join people that turn out to be one, and number those after them anew", async () => {
    const identities = await linked(["tg:1", "p1"], ["wa:+1", "p1"], ["tg:3", "p3"]);
    const people = await resolvePeople(wanted("tg:1", "tg:2", "wa:+1", "tg:3", "tg:2"), { identities });
    expect(people.map(({ person, user_ids }) => [person, [...user_ids].sort()])).toEqual([
      [1, ["tg:1", "wa:+1"]],
      [2, ["tg:2"]],
      [3, ["tg:3"]],
    ]);
  });

  it("lead on from every person that turned out to be the same, once their links are erased", async () => {
    const links = [
      ["tg:1", "p1"],
      ["wa:+1", "p1"],
      ["wa:+1", "p2"],
      ["tg:2", "p2"],
    ] as const;
    const subjects = wanted("tg:1", "tg:2").map((subject) => ({ ...subject, include: ["wa:+1"] }));
    const [person] = await resolvePeople(subjects, { identities: await linked(...links) });
    expect(person?.person_ids).toEqual(["p1", "p2"]);
    if (!person) throw new Error("nobody");
    const later = await linked(["web:1", "p1"], ["web:2", "p2"], ["web:3", "p3"]);
    const further = await resolveFurther(person, "2027-01-01T00:00:00.000Z", { identities: later });
    expect(further.user_ids.toSorted()).toEqual(["tg:1", "tg:2", "wa:+1", "web:1", "web:2"]);
  });

  it("leave one that was passed on to somebody else undecided, and do not follow it", async () => {
    const identities = await linked(["tg:1", "p1"], ["wa:+1", "p1", MAY], ["wa:+1", "p2"], ["tg:2", "p2"]);
    const [person] = await resolvePeople(wanted("tg:1"), { identities });
    expect(person).toEqual({ person: 1, person_ids: ["p1"], user_ids: ["tg:1"], undecided: ["wa:+1"] });
  });

  it("keep a given one that was passed on, undecided, and erase nobody through it", async () => {
    const identities = await linked(["wa:+1", "p1"], ["wa:+1", "p2"], ["tg:2", "p2"], ["tg:1", "p1"]);
    const [person] = await resolvePeople(wanted("wa:+1"), { identities });
    expect(person).toEqual({ person: 1, user_ids: ["wa:+1"], undecided: ["wa:+1"] });
  });

  it("take or leave those that were decided on", async () => {
    const identities = await linked(["tg:1", "p1"], ["wa:+1", "p1"], ["wa:+1", "p2"], ["wa:+2", "p1"]);
    const resolve = async (over: Partial<ErasureSubject>) =>
      (await resolvePeople([{ person: 1, user_ids: ["tg:1"], ...over }], { identities }))[0];
    expect((await resolve({ include: ["wa:+1"] }))?.user_ids).toEqual(["tg:1", "wa:+1", "wa:+2"]);
    expect((await resolve({ include: ["wa:+1"] }))?.undecided).toBeUndefined();
    expect((await resolve({ exclude: ["wa:+1", "wa:+2"] }))?.user_ids).toEqual(["tg:1"]);
    expect((await resolve({ exclude: ["wa:+1"] }))?.undecided).toBeUndefined();
    expect((await resolve({ exclude: ["tg:1"] }))?.user_ids).toEqual([]);
  });

  it("are what is connected by links, whatever the links", async () => {
    const id = fc.integer({ min: 0, max: 7 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(id, id), { maxLength: 12 }),
        fc.uniqueArray(id, { minLength: 1 }),
        async (pairs, given) => {
          const identities = await linked(
            ...pairs.map(([alias, person]) => [`a:${alias}`, `p${person}`] as const),
          );
          const people = await resolvePeople(wanted(...given.map((one) => `a:${one}`)), { identities });
          // Independent: colours spread over unambiguous ids until nothing changes.
          const owners = (alias: string) =>
            new Set(pairs.filter(([one]) => `a:${one}` === alias).map(([, p]) => p));
          const expected = new Map<string, Set<string>>();
          for (const one of given.map((number) => `a:${number}`)) {
            const own = owners(one);
            const [person] = own;
            const others = own.size === 1 ? pairs.filter(([, p]) => p === person).map(([a]) => `a:${a}`) : [];
            expected.set(one, new Set([one, ...others.filter((other) => owners(other).size === 1)]));
          }
          for (const [one, ids] of expected) {
            const person = people.find(({ user_ids }) => user_ids.includes(one));
            for (const other of ids) expect(person?.user_ids).toContain(other);
          }
          const all = people.flatMap(({ user_ids }) => user_ids);
          expect(new Set(all).size).toBe(all.length);
          expect(new Set(all)).toEqual(new Set([...expected.values()].flatMap((ids) => [...ids])));
          expect(people.map(({ person }) => person)).toEqual(people.map((_, index) => index + 1));
        },
      ),
    );
  });
});
