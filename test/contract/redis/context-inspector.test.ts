import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createContextCache } from "../../../functions/adapters/redis/context-cache.ts";
import { createContextInspector } from "../../../functions/adapters/redis/context-inspector.ts";
import { IN_FLIGHT_MS } from "../../../functions/core/ports/context-cache.ts";
import { aStoredMessage, later, NOW, tagOf } from "../../support/builders.ts";
import { openRedis } from "./engine.ts";

const { redis, outside, close } = await openRedis();
afterAll(close);

/** One person's context of three messages at most, and the cache's clock. */
function aContext() {
  const user_id = `web:${randomUUID()}`;
  const tag = tagOf(user_id);
  let now = NOW;
  const clock = () => new Date(now);
  const cache = createContextCache({ redis, clock, capacity: 3 });
  const rows = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      aStoredMessage({ user_id, message_id: `m${n}`, timestamp: later(n * 1_000) }),
    );
  return {
    tag,
    rows,
    cache,
    inspector: createContextInspector({ redis, clock }),
    tick: (milliseconds: number) => {
      now = later(milliseconds, now);
    },
    fill: async (count: number) => {
      const lease = await cache.beginFill(tag, 1);
      if (!lease) throw new Error("no lease");
      await cache.commitFill(lease, rows(count));
    },
  };
}
const ids = (held: { messages: readonly { message_id: string }[] } | undefined) =>
  held?.messages.map(({ message_id }) => message_id);

describe("ContextInspector on Valkey", () => {
  it("shows what reads would serve, newest first, and whether there is more", async () => {
    const [whole, cut, none] = [aContext(), aContext(), aContext()];
    await whole.fill(2);
    await cut.fill(3);
    const [first, second, third] = await whole.inspector.held([whole.tag, cut.tag, none.tag]);
    expect([ids(first), first?.isWhole]).toEqual([["m1", "m0"], true]);
    expect([ids(second), second?.isWhole]).toEqual([["m2", "m1", "m0"], false]);
    expect(third).toBeUndefined();
    expect(first?.messages).toEqual(await whole.cache.read(whole.tag, 2));
    expect(await whole.inspector.held([])).toEqual([]);
  });

  it("shows nothing of what reads would miss", async () => {
    const { tag, cache, fill, inspector, tick, rows } = aContext();
    const [row] = rows(1);
    if (!row) throw new Error("no row");
    await cache.write([{ tag, generation: 1, kind: "message", message: row }]);
    expect(await inspector.held([tag])).toEqual([undefined]);
    await fill(2);
    expect(ids((await inspector.held([tag]))[0])).toEqual(["m1", "m0"]);
    // A young context is complete only until a message under way must be a row.
    tick(IN_FLIGHT_MS + 1);
    expect(await inspector.held([tag])).toEqual([undefined]);
  });

  it("shows what is left where a message was deleted, and leaves the context's life as it is", async () => {
    const { tag, cache, fill, inspector, rows } = aContext();
    await fill(3);
    const [row] = rows(1);
    if (!row) throw new Error("no row");
    await cache.apply([{ tag, row: { ...row, deleted: true, content: "", revision: 2 } }]);
    await outside.expire(`context:{${tag}}`, 100);
    const [held] = await inspector.held([tag]);
    expect(ids(held)).toEqual(["m2", "m1"]);
    expect(await outside.ttl(`context:{${tag}}`)).toBeLessThanOrEqual(100);
  });
});
