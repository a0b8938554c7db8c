import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import {
  CONTEXT_CAPACITY,
  type ContextCache,
  IN_FLIGHT_MS,
} from "../../../functions/core/ports/context-cache.ts";
import { aStoredMessage, later, NOW } from "../../support/builders.ts";
import { seededRandom } from "../../support/random.ts";
import { runContextSchedule } from "./context-schedule.ts";

type Open = (clock: Clock, capacity?: number) => ContextCache;

/**
 * What every context cache does.
 * @param schedules how many seeded schedules to run
 */
export function describeContextCache(name: string, schedules: number, open: Open): void {
  describe(`ContextCache: ${name}`, () => {
    let now = NOW;
    let tag = "";
    const cache = open(() => new Date(now));
    const row = (at: number, over: Partial<StoredMessage> = {}): StoredMessage =>
      aStoredMessage({ message_id: `m${at}`, timestamp: later(at * 1_000), content: `text ${at}`, ...over });
    const write = (message: StoredMessage, kind: "message" | "edit" | "delete" = "message") =>
      cache
        .write([{ tag, generation: message.generation, kind, message }])
        .then(([outcome]) => outcome?.status);
    const apply = (changed: StoredMessage) => cache.apply([{ tag, row: changed }]);
    const fill = async (rows: readonly StoredMessage[], generation = 1): Promise<boolean> => {
      const lease = await cache.beginFill(tag, generation);
      return lease !== undefined && cache.commitFill(lease, rows);
    };
    const idsOf = async (limit = 10) => (await cache.read(tag, limit))?.map(({ message_id }) => message_id);
    const textsOf = async (limit = 10) => (await cache.read(tag, limit))?.map(({ content }) => content);

    beforeEach(() => {
      now = NOW;
      tag = randomUUID();
    });

    describe("reading", () => {
      it("misses what was never filled, also where messages were written", async () => {
        expect(await cache.read(tag, 5)).toBeUndefined();
        expect(await write(row(1))).toBe("applied");
        expect(await cache.read(tag, 5)).toBeUndefined();
      });

      it("gives an empty history back as a hit", async () => {
        expect(await fill([])).toBe(true);
        expect(await cache.read(tag, 5)).toEqual([]);
      });

      it("gives the newest first, up to the limit, and all where the history is shorter", async () => {
        await fill([row(2), row(3), row(1)]);
        expect(await idsOf(2)).toEqual(["m3", "m2"]);
        expect(await idsOf(3)).toEqual(["m3", "m2", "m1"]);
        expect(await idsOf(1000)).toEqual(["m3", "m2", "m1"]);
      });

      it("orders equal times by arrival, then position, then id", async () => {
        const at = (message_id: string, first: number, position: number) =>
          row(0, { message_id, first_received_at: later(first), position });
        const ordered = [
          at("b", 1, 2),
          at("a:", 1, 10),
          at("a", 2, 0),
          at("a.", 2, 0),
          at("a1", 2, 0),
          at("b-1", 2, 0),
        ];
        await fill([]);
        for (const message of ordered.toReversed()) await write(message);
        expect(await idsOf(6)).toEqual(ordered.map(({ message_id }) => message_id).reverse());
      });

      it("keeps people apart", async () => {
        await fill([row(1)]);
        expect(await cache.read(`${tag}0`, 5)).toBeUndefined();
      });
    });

    describe("writing", () => {
      it("holds a message exactly, whatever its text and fields", async () => {
        const odd = row(1, {
          message_id: "A.b_c:d-1",
          content: 'nul \0, "quotes", \\back|slash #~= {x} KEYS[1] \u2028 🧵 ñ é \n fin',
          reply_to: "otro mensaje",
          tool_calls: [{ tool: "cer", args: { q: ["*", null, 1.5] }, result: "ok" }],
          media: { kind: "audio" },
          metadata: { intent: "saludo", otro: { a: [] } },
          ai_model_used: "m|1",
        });
        await fill([]);
        await write(odd);
        const [shown] = (await cache.read(tag, 1)) ?? [];
        const {
          kind: _k,
          channel: _c,
          bot_id: _b,
          user_id: _u,
          escalation_triggered: _e,
          generation: _g,
          deleted: _d,
          ...kept
        } = odd;
        expect(shown).toEqual(kept);
      });

      it.each(["1969-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])(
        "holds a message of %s in its place",
        async (timestamp) => {
          await fill([]);
          await write(row(1));
          await write(row(2, { timestamp, first_received_at: NOW }));
          expect(await idsOf()).toEqual(timestamp > NOW ? ["m2", "m1"] : ["m1", "m2"]);
        },
      );

      it("sorts a shuffled batch", async () => {
        const random = seededRandom(7);
        const rows = Array.from({ length: 30 }, (_, at) => row(at));
        const shuffled = rows.toSorted(() => random() - 0.5);
        await fill([]);
        const outcomes = await cache.write(
          shuffled.map((message) => ({ tag, generation: 1, kind: "message", message })),
        );
        expect(outcomes).toEqual(rows.map((_, item) => ({ item, status: "applied" })));
        expect(await idsOf(30)).toEqual(rows.map(({ message_id }) => message_id).reverse());
      });

      it("keeps one of a message written many times at once, also under another time", async () => {
        await fill([]);
        await Promise.all(Array.from({ length: 20 }, (_, at) => write(row(1, { timestamp: later(at) }))));
        expect(await idsOf()).toEqual(["m1"]);
      });

      it("lets the first body stay until a row says otherwise", async () => {
        await fill([]);
        await write(row(1));
        await write(row(1, { content: "another body" }));
        expect(await textsOf()).toEqual(["text 1"]);
        await apply(row(1, { content: "of the row" }));
        expect(await textsOf()).toEqual(["of the row"]);
      });

      it("keeps the newest within its capacity and refuses what is older", async () => {
        const rows = Array.from({ length: CONTEXT_CAPACITY }, (_, at) => row(at));
        await fill(rows);
        expect(await write(row(CONTEXT_CAPACITY))).toBe("applied");
        expect(await write(row(0.5, { message_id: "between" }))).toBe("older");
        expect(await write(row(-5))).toBe("older");
        expect((await idsOf(CONTEXT_CAPACITY))?.at(-1)).toBe("m1");
        expect(await idsOf(CONTEXT_CAPACITY + 1)).toBeUndefined();
      });

      it("adds an older message where the whole history is held", async () => {
        await fill([row(1), row(3)]);
        expect(await write(row(2))).toBe("applied");
        expect(await write(row(0))).toBe("applied");
        expect(await idsOf()).toEqual(["m3", "m2", "m1", "m0"]);
      });
    });

    describe("edits and deletions", () => {
      it("drops the context until it is filled again", async () => {
        await fill([row(1)]);
        expect(await write(row(1, { content: "new" }), "edit")).toBe("invalidated");
        expect(await cache.read(tag, 5)).toBeUndefined();
        await fill([row(1, { content: "new", revision: 2 })]);
        expect(await write(row(1), "delete")).toBe("invalidated");
        expect(await cache.read(tag, 5)).toBeUndefined();
      });

      it("takes the higher revision, whichever comes first", async () => {
        await fill([row(1)]);
        await apply(row(1, { content: "third", revision: 3, edited_at: later(9_000) }));
        await apply(row(1, { content: "second", revision: 2 }));
        expect(await write(row(1))).toBe("older");
        expect(await cache.read(tag, 5)).toMatchObject([
          { content: "third", revision: 3, edited_at: later(9_000) },
        ]);
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
        const lease = await cache.beginFill(tag, 1);
        expect(lease && (await cache.commitFill(lease, []))).toBe(true);
        expect(await idsOf()).toEqual([]);
      });
    });

    describe("generations", () => {
      it("begins anew with a later one and ignores earlier ones", async () => {
        await fill([row(1)]);
        expect(await write(row(2, { generation: 2 }))).toBe("applied");
        expect(await cache.read(tag, 5)).toBeUndefined();
        expect(await write(row(3))).toBe("older");
        await apply(row(4));
        expect(await cache.beginFill(tag, 1)).toBeUndefined();
        expect(await fill([], 2)).toBe(true);
        expect(await idsOf()).toEqual(["m2"]);
        expect(await write(row(2), "delete")).toBe("older");
        expect(await idsOf()).toEqual(["m2"]);
      });

      it("drops the context when a row of a later generation is applied", async () => {
        await fill([row(1)]);
        await apply(row(2, { generation: 2 }));
        expect(await cache.read(tag, 5)).toBeUndefined();
      });

      it("commits no rows of a later generation", async () => {
        expect(await fill([row(1), row(2, { generation: 2 })])).toBe(false);
        expect(await cache.read(tag, 5)).toBeUndefined();
      });
    });

    describe("filling", () => {
      it.each([
        ["a write", () => write(row(2))],
        ["an edit", () => write(row(1), "edit")],
        ["an applied row", () => apply(row(1, { revision: 2 }))],
        ["a drop or an eviction", () => cache.invalidate([tag])],
        ["a later generation", () => write(row(2, { generation: 2 }))],
        ["another fill", () => cache.beginFill(tag, 1)],
      ])("fails after %s, and leaves the cache as it was", async (_, disturb) => {
        await write(row(0));
        const lease = await cache.beginFill(tag, 1);
        await disturb();
        expect(lease && (await cache.commitFill(lease, [row(1)]))).toBe(false);
        expect(await cache.read(tag, 5)).toBeUndefined();
      });

      it("works once for a lease", async () => {
        const lease = await cache.beginFill(tag, 1);
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
        await cache.invalidate([tag]); // evicted before its row was written
        now = later(1_000);
        await fill([]);
        expect(await idsOf()).toEqual([]);
        now = later(1_000 + IN_FLIGHT_MS - 1);
        expect(await idsOf()).toEqual([]);
        now = later(1_000 + IN_FLIGHT_MS);
        expect(await cache.read(tag, 5)).toBeUndefined();
        await fill([row(1)]);
        now = later(3 * IN_FLIGHT_MS);
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
