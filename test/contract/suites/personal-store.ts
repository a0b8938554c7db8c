import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { isNothing, NOTHING_HELD, type StoreCounts } from "../../../functions/core/domain/erasure.ts";
import type { PersonalRecord, PersonalStore } from "../../../functions/core/ports/personal-store.ts";
import { aPace, aTarget } from "../../support/erasure-targets.ts";

/** Data to write, as the product writes it. */
export interface Placed {
  readonly user_id: string;
  readonly generation: number;
  /** So many, where the store keeps more than one thing of a person and generation. @default 1 */
  readonly count?: number;
  /** Each so large, where they may be, that `many` are more than the engine returns at once. */
  readonly isLarge?: boolean;
  /** A text in every field that a person can fill. */
  readonly canary?: string;
}

/** A store of personal data, and ways around it. Tests share the engine, so each brings its own people. */
export interface PersonalStoreScene {
  readonly store: PersonalStore;
  place(data: readonly Placed[]): Promise<void>;
  /** Items of an id, of any generation, seen past the store. */
  heldOf(userId: string): Promise<number>;
  /** Everything the engine holds where the store writes, as text. */
  raw(): Promise<string>;
  /** Items that one thing placed becomes: a link lies there both ways. @default 1 */
  readonly itemsOfOne?: number;
  /** The store keeps one thing of a person: a later generation replaces it. */
  readonly isSingle?: boolean;
  /** More than the engine returns at once. */
  readonly many: number;
  /** Requests that remove `many`, at least. */
  readonly steps: number;
  /** The store, dying at a request that removes: 0 before the first, 1 after it was done, 2 before the second, … */
  dying(at: number): PersonalStore;
  /** The store where nothing answers. */
  readonly away: PersonalStore;
  /** How its errors name it. */
  readonly name: RegExp;
}

/** Each id beside those that a careless eraser takes with it. */
const NEIGHBOURS: readonly (readonly [goes: string, stays: string])[] = [
  ["+123", "+1234"],
  ["*", "anybody"],
  ["?", "x"],
  ["+12[3]4", "+1234"],
  ["a:b", "a"],
  ["../", "."],
  ["%2F", "/"],
  ['"}', '"'],
  ["{x}", "x"],
  ["' OR '1'='1", "1"],
  ["🙂", "\u{1F643}"],
  ["\ud83d\ude42 ñ", "n"],
  [".*", "aa"],
  ["É", "E\u0301"],
  ["x".repeat(200), `${"x".repeat(199)}y`],
];

/** What every store of personal data holds to. */
export function personalStoreSuite(name: string, open: () => Promise<PersonalStoreScene>): void {
  describe(`PersonalStore: ${name}`, () => {
    let scene: PersonalStoreScene;
    beforeAll(async () => {
      scene = await open();
    });

    const aPerson = (): string => `whatsapp:+34${randomUUID()}`;
    const itemsOf = (counts: readonly StoreCounts[]): number[] => counts.map(({ items }) => items);
    const each = (): number => scene.itemsOfOne ?? 1;
    const recordsOf = async (user_id: string, store = scene.store): Promise<PersonalRecord[]> => {
      const records: PersonalRecord[] = [];
      for await (const record of store.export({ user_id, tags: aTarget(user_id).tags })) records.push(record);
      return records;
    };

    it("finds nothing of a person who was never seen, and removes nothing", async () => {
      const [stranger, other] = [aPerson(), aPerson()];
      await scene.place([{ user_id: other, generation: 1 }]);
      const targets = [aTarget(stranger)];
      expect(await scene.store.count(targets)).toEqual([NOTHING_HELD]);
      expect(await scene.store.erase(targets, aPace())).toEqual({ done: true, removed: [NOTHING_HELD] });
      expect(await scene.store.verify(targets)).toEqual([NOTHING_HELD]);
      expect(await recordsOf(stranger)).toEqual([]);
      expect(await scene.heldOf(other)).toBe(each());
      expect(await scene.store.count([])).toEqual([]);
      expect(await scene.store.erase([], aPace())).toEqual({ done: true, removed: [] });
    });

    it("removes all of a person, and the second time nothing", async () => {
      const person = aPerson();
      const count = scene.isSingle ? 1 : 3;
      await scene.place([{ user_id: person, generation: 1, count }]);
      const targets = [aTarget(person)];
      const [before] = await scene.store.count(targets);
      expect(before?.items).toBe(count * each());
      const { done, removed } = await scene.store.erase(targets, aPace());
      expect([done, removed]).toEqual([true, [before]]);
      expect(await scene.heldOf(person)).toBe(0);
      expect((await scene.store.verify(targets)).every(isNothing)).toBe(true);
      expect(await scene.store.erase(targets, aPace())).toEqual({ done: true, removed: [NOTHING_HELD] });
    });

    it("leaves what was written in the next generation", async () => {
      const person = aPerson();
      const old = scene.isSingle ? 0 : 2;
      if (old > 0) await scene.place([{ user_id: person, generation: 1, count: old }]);
      await scene.place([{ user_id: person, generation: 2 }]);
      const first = [aTarget(person)];
      expect(itemsOf(await scene.store.count(first))).toEqual([old * each()]);
      expect(itemsOf((await scene.store.erase(first, aPace())).removed)).toEqual([old * each()]);
      expect(await scene.heldOf(person)).toBe(each());
      expect((await scene.store.verify(first)).every(isNothing)).toBe(true);
      const second = [aTarget(person, { generation: 2, fenced_at: "2026-11-21T12:00:00.000Z" })];
      expect(itemsOf(await scene.store.verify(second))).toEqual([each()]);
      expect(itemsOf((await scene.store.erase(second, aPace())).removed)).toEqual([each()]);
      expect(await scene.heldOf(person)).toBe(0);
    });

    it("takes every id as it is, and nobody with it", async () => {
      const run = randomUUID().slice(0, 8);
      const pairs = NEIGHBOURS.map((pair) => pair.map((id) => `web:${run}${id}`) as [string, string]);
      const goes = [...new Set(pairs.map(([id]) => id)), `web:${run}${"é".repeat(122)}`];
      const stays = [...new Set(pairs.map(([, id]) => id)), `web:${run}`];
      await scene.place([...goes, ...stays].map((user_id) => ({ user_id, generation: 1 })));
      // Who has nothing stands among those who have.
      const targets = [goes[0], aPerson(), ...goes.slice(1)].map((id) => aTarget(id ?? ""));
      const expected = targets.map((_, nth) => (nth === 1 ? 0 : each()));
      expect(itemsOf(await scene.store.count(targets))).toEqual(expected);
      expect(itemsOf((await scene.store.erase(targets, aPace())).removed)).toEqual(expected);
      expect(await Promise.all(goes.map((id) => scene.heldOf(id)))).toEqual(goes.map(() => 0));
      expect(await Promise.all(stays.map((id) => scene.heldOf(id)))).toEqual(stays.map(each));
      expect((await scene.store.verify(targets)).every(isNothing)).toBe(true);
    });

    it("leaves a held person alone, and removes the others", async () => {
      const [held, free] = [aPerson(), aPerson()];
      await scene.place([held, free].map((user_id) => ({ user_id, generation: 1 })));
      const pace = aPace({
        unheld: async (targets) =>
          targets.filter(({ user_id }) => user_id !== held).map((one) => ({ ...one })),
      });
      const { done, removed } = await scene.store.erase([aTarget(held), aTarget(free)], pace);
      expect([done, itemsOf(removed)]).toEqual([true, [0, each()]]);
      expect([await scene.heldOf(held), await scene.heldOf(free)]).toEqual([each(), 0]);
      const unknown = aPace({ unheld: () => Promise.reject(new Error("the ledger is away")) });
      await expect(scene.store.erase([aTarget(held)], unknown)).rejects.toThrow("the ledger is away");
      expect(await scene.heldOf(held)).toBe(each());
    });

    it("goes on where it was when it ran out of time, and page after page to the end", async () => {
      const people = scene.isSingle ? Array.from({ length: scene.many }, aPerson) : [aPerson()];
      const count = scene.isSingle ? 1 : scene.many;
      await scene.place(people.map((user_id) => ({ user_id, generation: 1, count, isLarge: true })));
      const targets = people.map((id) => aTarget(id));
      const total = scene.many * each();
      const sum = (counts: readonly StoreCounts[]) => counts.reduce((all, { items }) => all + items, 0);
      expect(sum(await scene.store.count(targets))).toBe(total);
      // Two or three steps a call, until it is done.
      let removed = 0;
      let calls = 0;
      for (let done = false; !done; calls += 1) {
        let asked = 0;
        const result = await scene.store.erase(targets, aPace({ hasTime: () => asked++ < 2 }));
        removed += sum(result.removed);
        done = result.done;
        expect(calls).toBeLessThan(scene.steps + 2);
      }
      expect(calls).toBeGreaterThanOrEqual(Math.ceil(scene.steps / 3));
      expect(removed).toBe(total);
      expect((await scene.store.verify(targets)).every(isNothing)).toBe(true);
      expect(await scene.heldOf(people[0] ?? "")).toBe(0);
    });

    it("resumes wherever it was killed", async () => {
      let deaths = 0;
      for (let at = 0; at === deaths; at += 1) {
        const person = aPerson();
        await scene.place([{ user_id: person, generation: 1, count: scene.isSingle ? 1 : 30 }]);
        const targets = [aTarget(person)];
        const before = await scene.heldOf(person);
        await scene
          .dying(at)
          .erase(targets, aPace())
          .catch((error: unknown) => {
            if (!String(error).includes("killed")) throw error;
            deaths += 1;
          });
        const left = await scene.heldOf(person);
        if (at === 0) expect(left).toBe(before);
        const { done, removed } = await scene.store.erase(targets, aPace());
        expect([done, itemsOf(removed)]).toEqual([true, [left]]);
        expect(await scene.heldOf(person)).toBe(0);
        expect((await scene.store.verify(targets)).every(isNothing)).toBe(true);
      }
      expect(deaths).toBeGreaterThanOrEqual(2);
    });

    it("leaves no byte of them in the engine", async () => {
      const canary = `CANARIO${randomUUID().replaceAll("-", "")}`;
      const person = `whatsapp:${canary}`;
      await scene.place([{ user_id: person, generation: 1, canary }]);
      expect(await scene.raw()).toContain(canary);
      await scene.store.erase([aTarget(person)], aPace());
      expect(await scene.raw()).not.toContain(canary);
    });

    it("exports all that it holds of a person, of any generation, and of nobody else", async () => {
      const [person, other] = [aPerson(), aPerson()];
      const generations = scene.isSingle ? [2] : [1, 2];
      const [mine, theirs] = [`MIO${randomUUID()}`, `SUYO${randomUUID()}`];
      await scene.place([
        ...generations.map((generation) => ({
          user_id: person,
          generation,
          canary: `${mine}-${generation}`,
        })),
        { user_id: other, generation: 1, canary: theirs },
      ]);
      const records = await recordsOf(person);
      expect(records).toHaveLength(generations.length * each());
      expect(new Set(records.map((record) => record.name)).size).toBe(records.length);
      expect(new Set(records.map(({ kind }) => kind))).toEqual(new Set(["json"]));
      const text = JSON.stringify(records);
      for (const generation of generations) expect(text).toContain(`${mine}-${generation}`);
      expect(text).not.toContain(theirs);
    });

    it("is an error where nothing answers, never empty, and names no person", async () => {
      const person = aPerson();
      const targets = [aTarget(person)];
      const calls = [
        () => scene.away.count(targets),
        () => scene.away.verify(targets),
        () => scene.away.erase(targets, aPace()),
        () => recordsOf(person, scene.away),
      ];
      for (const call of calls) {
        const error: unknown = await call().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ name: expect.stringMatching(/^(Transient|Permanent)Error$/) });
        expect(String(error)).toMatch(scene.name);
        expect(String(error)).not.toContain(person);
        // Cause and remedy.
        expect(String(error)).toMatch(/: .+: .+/);
      }
    });
  });
}
