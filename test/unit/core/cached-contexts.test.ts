import { beforeEach, describe, expect, it } from "vitest";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { ContextCache } from "../../../functions/core/ports/context-cache.ts";
import { type ReadContextDeps, readContext } from "../../../functions/core/use-cases/read-context.ts";
import { refreshCache } from "../../../functions/core/use-cases/refresh-cache.ts";
import { storeInCache } from "../../../functions/core/use-cases/store-in-cache.ts";
import { aDeletionOf, anEditOf, aRoutedMessage, fixedClock, later, tagOf } from "../../support/builders.ts";
import { createFakeContextCache } from "../../support/fakes/fake-context-cache.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeMessageReader, createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const first = aRoutedMessage({ message_id: "m1", content: "uno" });
const second = aRoutedMessage({ message_id: "m2", content: "dos", timestamp: later(1_000) });
const { user_id, tag } = first;
const person = { user_id, tag };

let tables: FakeTables;
let cache: ContextCache;
let deps: ReadContextDeps;
let cacheFailures: number;

beforeEach(async () => {
  tables = new FakeTables(fixedClock());
  cache = createFakeContextCache({ clock: fixedClock() });
  cacheFailures = 0;
  deps = {
    cache,
    reader: createFakeMessageReader(tables),
    ledger: createFakeErasureLedger(tables),
    reportCacheFailure: () => {
      cacheFailures++;
    },
  };
  await createFakeMessageStore(tables).store([first, second]);
});

const texts = async (limit = 10) => {
  const { messages, cache: source } = await readContext(person, limit, deps);
  return [source, ...messages.map(({ content }) => content)];
};

describe("reading a context", () => {
  it("comes from the rows, then from the cache", async () => {
    expect(await texts()).toEqual(["miss", "dos", "uno"]);
    expect(await texts()).toEqual(["hit", "dos", "uno"]);
    expect(await texts(1)).toEqual(["hit", "dos"]);
  });

  it("does without a cache that is down, and says so", async () => {
    const down = () => Promise.reject(new TransientError("Valkey: unreachable"));
    deps = { ...deps, cache: { ...cache, read: down, beginFill: down } };
    expect(await texts()).toEqual(["unavailable", "dos", "uno"]);
    expect(cacheFailures).toBe(2);
  });

  it("asks the ledger again after a fill: a fence in between takes the context away", async () => {
    const commitFill: ContextCache["commitFill"] = async (lease, rows) => {
      const committed = await cache.commitFill(lease, rows);
      tables.fences.set(tag, { generation: 1, fenced_at: later(60_000) });
      return committed;
    };
    deps = { ...deps, cache: { ...cache, commitFill } };
    expect(await texts()).toEqual(["miss"]);
    expect(await cache.read(tag, 10)).toEqual([]);
  });

  it("remembers a deleted message, so that a late copy of it does not bring its text back", async () => {
    await createFakeMessageStore(tables).store([aDeletionOf(first)]);
    expect(await texts()).toEqual(["miss", "dos"]);
    await storeInCache({ messages: [first] }, cache);
    expect(await texts()).toEqual(["hit", "dos"]);
  });

  it("shows nothing of an erased generation", async () => {
    tables.fences.set(tag, { generation: 1, fenced_at: later(60_000) });
    expect(await texts()).toEqual(["miss"]);
  });
});

describe("refreshing the cache", () => {
  const sort_key = sortKeyOf(first);
  const refresh = (repair: { sort_key?: string }) => refreshCache([{ ...person, ...repair }], deps);

  it("applies the row as it stands", async () => {
    await texts();
    await createFakeMessageStore(tables).store([anEditOf(first, { content: "uno, corregido" })]);
    await refresh({ sort_key });
    expect(await texts()).toEqual(["hit", "dos", "uno, corregido"]);
  });

  it("takes a deleted message out", async () => {
    await texts();
    await createFakeMessageStore(tables).store([aDeletionOf(first)]);
    await refresh({ sort_key });
    expect(await texts()).toEqual(["hit", "dos"]);
  });

  it("drops a context without a row to apply, or of an erased generation", async () => {
    for (const repair of [{}, { sort_key: `${later(5)}#none` }]) {
      await texts();
      await refresh(repair);
      expect(await cache.read(tag, 10)).toBeUndefined();
    }
    await texts();
    tables.fences.set(tag, { generation: 1, fenced_at: later(60_000) });
    await refresh({ sort_key });
    expect(await cache.read(tag, 10)).toBeUndefined();
  });

  it("keeps what a duplicate of an older body brought from staying", async () => {
    await texts();
    await createFakeMessageStore(tables).store([anEditOf(first, { content: "uno, corregido" })]);
    await cache.invalidate([tag]);
    await storeInCache({ messages: [first] }, cache);
    await texts();
    await refresh({ sort_key });
    expect(await texts()).toEqual(["hit", "dos", "uno, corregido"]);
  });
});

it("StoreInCache answers for every message, in order", async () => {
  const { outcomes } = await storeInCache({ messages: [first, second, anEditOf(first)] }, cache);
  expect(outcomes).toEqual([
    { item: 0, status: "applied" },
    { item: 1, status: "applied" },
    { item: 2, status: "invalidated" },
  ]);
  expect(tagOf(user_id)).toBe(tag);
});
