import { describe, expect, it } from "vitest";
import { InvalidMessageError } from "../../../functions/core/domain/errors.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { createAccessCacheHandler } from "../../../functions/handlers/access-cache/handler.ts";
import { NOW, tagOf } from "../../support/builders.ts";
import { createFakePersonalStore } from "../../support/fakes/fake-personal-store.ts";

const [FENCED, FREE] = [tagOf("web:fenced"), tagOf("web:free")] as const;

function world() {
  // Cached data is found by keyed hash only.
  const store = createFakePersonalStore();
  for (const tag of [FENCED, FREE])
    store.put({ user_id: tag, name: "context", generation: 1, value: "text" });
  const logged: unknown[] = [];
  const handler = createAccessCacheHandler({
    store,
    scan: async () => ({ cursor: "0", tags: [] }),
    ledger: {
      fences: async (tags) =>
        new Map<string, Fence>(tags.includes(FENCED) ? [[FENCED, { generation: 1, fenced_at: NOW }]] : []),
    },
    log: {
      info: (...entry) => logged.push(entry),
      error: (...entry) => logged.push(entry),
    },
  });
  return { store, handler, logged };
}

const people = [FREE, FENCED].map((tag) => ({ tags: [tag], lookup: tag }));

describe("access to the cache", () => {
  it("removes nothing of anybody who is not fenced, whoever asks", async () => {
    const { store, handler } = world();
    expect(await handler({ operation: "erase", people })).toMatchObject({
      counts: [{ items: 0 }, { items: 1 }],
    });
    expect(store.held.map(({ user_id }) => user_id)).toEqual([FREE]);
    expect(await handler({ operation: "count", people })).toMatchObject({
      counts: [{ items: 0 }, { items: 0 }],
    });
  });

  it.each([
    ["an id instead of a keyed hash", { operation: "export", tags: ["whatsapp:+34600000001"] }],
    ["a pattern", { operation: "erase", people: [{ tags: ["*"], lookup: FENCED }] }],
    ["something else", { operation: "flush" }],
    ["nothing", {}],
    ["more", { operation: "scan", cursor: "0", match: "*" }],
  ])("refuses %s", async (_, input) => {
    const { store, handler } = world();
    await expect(handler(input)).rejects.toThrow(InvalidMessageError);
    expect(store.held).toHaveLength(2);
  });
});
