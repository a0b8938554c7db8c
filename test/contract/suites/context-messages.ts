import { describe, expect, it } from "vitest";
import { CONTEXT_CAPACITY } from "../../../functions/core/ports/context-cache.ts";
import { later, NOW } from "../../support/builders.ts";
import { seededRandom } from "../../support/random.ts";
import { contextScene, type OpenContextCache, row } from "./context-scene.ts";

/** What every context cache does with messages as they come. */
export function describeContextMessages(name: string, open: OpenContextCache): void {
  describe(`ContextCache, messages: ${name}`, () => {
    const { apply, cache, fill, idsOf, read, tag, textsOf, write } = contextScene(open);

    describe("reading", () => {
      it("misses what was never filled, also where messages were written", async () => {
        expect(await read(5)).toBeUndefined();
        expect(await write(row(1))).toBe("applied");
        expect(await read(5)).toBeUndefined();
      });

      it("gives an empty history back as a hit", async () => {
        expect(await fill([])).toBe(true);
        expect(await read(5)).toEqual([]);
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
        expect(await cache.read(`${tag()}0`, 5)).toBeUndefined();
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
        const [shown] = (await read(1)) ?? [];
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
          shuffled.map((message) => ({ tag: tag(), generation: 1, kind: "message" as const, message })),
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
  });
}
