import { describe, expect, it } from "vitest";
import { CONTEXT_CAPACITY, IN_FLIGHT_MS } from "../../../functions/core/ports/context-cache.ts";
import { later } from "../../support/builders.ts";
import { contextScene, type OpenContextCache, row } from "./context-scene.ts";
import { runContextSchedule } from "./context-schedule.ts";

/**
 * What every context cache does with changes and fills.
 * @param schedules how many seeded schedules to run
 */
export function describeContextFills(name: string, schedules: number, open: OpenContextCache): void {
  describe(`ContextCache, changes and fills: ${name}`, () => {
    const { apply, begin, cache, evict, fill, goTo, idsOf, read, write } = contextScene(open);

    describe("edits and deletions", () => {
      it("drops the context until it is filled again", async () => {
        await fill([row(1)]);
        expect(await write(row(1, { content: "new" }), "edit")).toBe("invalidated");
        expect(await read(5)).toBeUndefined();
        await fill([row(1, { content: "new", revision: 2 })]);
        expect(await write(row(1), "delete")).toBe("invalidated");
        expect(await read(5)).toBeUndefined();
      });

      it("takes the higher revision, whichever comes first", async () => {
        await fill([row(1)]);
        await apply(row(1, { content: "third", revision: 3, edited_at: later(9_000) }));
        await apply(row(1, { content: "second", revision: 2 }));
        expect(await write(row(1))).toBe("older");
        expect(await read(5)).toMatchObject([{ content: "third", revision: 3, edited_at: later(9_000) }]);
      });

      it("never shows a deleted message again", async () => {
        await fill([row(1), row(2)]);
        await apply(row(2, { content: "", deleted: true, revision: 2 }));
        expect(await write(row(2))).toBe("older");
        await apply(row(2, { revision: 3 }));
        expect(await fill([row(1), row(2)])).toBe(true);
        expect(await idsOf()).toEqual(["m1"]);
      });

      it("keeps out a late copy of a message that was deleted before the fill", async () => {
        await write(row(2));
        await fill([row(1), row(2, { content: "", deleted: true, revision: 2 })]);
        expect(await write(row(2))).toBe("older");
        expect(await idsOf()).toEqual(["m1"]);
      });

      it("moves a message to its row's time", async () => {
        await fill([row(1), row(3)]);
        await write(row(2, { timestamp: later(9_000) }));
        await apply(row(2));
        expect(await idsOf()).toEqual(["m3", "m2", "m1"]);
      });

      it("leaves a context that is not held alone", async () => {
        await apply(row(1));
        const lease = await begin();
        expect(lease && (await cache.commitFill(lease, []))).toBe(true);
        expect(await idsOf()).toEqual([]);
      });
    });

    describe("generations", () => {
      it("begins anew with a later one and ignores earlier ones", async () => {
        await fill([row(1)]);
        expect(await write(row(2, { generation: 2 }))).toBe("applied");
        expect(await read(5)).toBeUndefined();
        expect(await write(row(3))).toBe("older");
        await apply(row(4));
        expect(await begin()).toBeUndefined();
        expect(await fill([], 2)).toBe(true);
        expect(await idsOf()).toEqual(["m2"]);
        expect(await write(row(2), "delete")).toBe("older");
        expect(await idsOf()).toEqual(["m2"]);
      });

      it("drops the context when a row of a later generation is applied", async () => {
        await fill([row(1)]);
        await apply(row(2, { generation: 2 }));
        expect(await read(5)).toBeUndefined();
      });

      it("commits no rows of a later generation", async () => {
        expect(await fill([row(1), row(2, { generation: 2 })])).toBe(false);
        expect(await read(5)).toBeUndefined();
      });
    });

    describe("filling", () => {
      it.each([
        ["a write", () => write(row(2))],
        ["an edit", () => write(row(1), "edit")],
        ["an applied row", () => apply(row(1, { revision: 2 }))],
        ["a drop or an eviction", () => evict()],
        ["a later generation", () => write(row(2, { generation: 2 }))],
        ["another fill", () => begin()],
      ])("fails after %s, and leaves the cache as it was", async (_, disturb) => {
        await write(row(0));
        const lease = await begin();
        await disturb();
        expect(lease && (await cache.commitFill(lease, [row(1)]))).toBe(false);
        expect(await read(5)).toBeUndefined();
      });

      it("works once for a lease", async () => {
        const lease = await begin();
        expect(lease && (await cache.commitFill(lease, [row(1)]))).toBe(true);
        expect(lease && (await cache.commitFill(lease, []))).toBe(false);
        expect(await idsOf()).toEqual(["m1"]);
      });

      it("keeps a message that is in the cache and not among the rows yet", async () => {
        await write(row(2));
        await fill([row(1), row(3)]);
        expect(await idsOf()).toEqual(["m3", "m2", "m1"]);
      });

      it("knows whether older rows exist", async () => {
        const rows = Array.from({ length: CONTEXT_CAPACITY }, (_, at) => row(at));
        await fill(rows);
        expect(await idsOf(CONTEXT_CAPACITY)).toHaveLength(CONTEXT_CAPACITY);
        await apply(row(7, { content: "", deleted: true, revision: 2 }));
        expect(await idsOf(CONTEXT_CAPACITY - 1)).toHaveLength(CONTEXT_CAPACITY - 1);
        expect(await idsOf(CONTEXT_CAPACITY)).toBeUndefined();
      });

      it("is sure of a young context only until messages under way must have their rows", async () => {
        await write(row(1));
        await evict(); // evicted before its row was written
        goTo(later(1_000));
        await fill([]);
        expect(await idsOf()).toEqual([]);
        goTo(later(1_000 + IN_FLIGHT_MS - 1));
        expect(await idsOf()).toEqual([]);
        goTo(later(1_000 + IN_FLIGHT_MS));
        expect(await read(5)).toBeUndefined();
        await fill([row(1)]);
        goTo(later(3 * IN_FLIGHT_MS));
        expect(await idsOf()).toEqual(["m1"]);
      });
    });

    it(`holds under ${schedules} seeded schedules of writers, fills, evictions, crashes and erasures`, async () => {
      let hits = 0;
      for (let seed = 1; seed <= schedules; seed += 1) {
        hits += await runContextSchedule(seed, 2 + (seed % 4), open);
      }
      expect(hits).toBeGreaterThan(schedules * 10);
    });
  });
}
