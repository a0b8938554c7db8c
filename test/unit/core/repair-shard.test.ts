import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMended } from "../../../functions/core/contracts/repair-day.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { SHARDS, shardOf } from "../../../functions/core/domain/shard.ts";
import { type RepairShardDeps, repairShard } from "../../../functions/core/use-cases/repair-shard.ts";
import { aRoutedMessage, aStoredMessage, later, NOW } from "../../support/builders.ts";
import { createFakeDayReader } from "../../support/fakes/fake-day-reader.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeMessageIndex } from "../../support/fakes/fake-message-index.ts";
import { createFakeMessageReader, createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const DAY = NOW.slice(0, 10);
const keys = new KeyChain({ k1: "k".repeat(64) });
const ANA = "web:ana";
const SHARD = shardOf(ANA);

/** A day of rows and documents; `now` is when it is repaired. */
function aDay(now = NOW) {
  const tables = new FakeTables(() => new Date(NOW));
  const store = createFakeMessageStore(tables);
  const index = createFakeMessageIndex();
  const compared: string[][] = [];
  const unmended: string[] = [];
  const deps: RepairShardDeps = {
    days: createFakeDayReader(tables),
    reader: createFakeMessageReader(tables),
    ledger: createFakeErasureLedger(tables),
    dayIndex: index.byDay,
    index,
    contexts: {
      compare: async (people) => {
        compared.push(people.map(({ user_id }) => user_id));
        return { contexts: people.length, stale: 0 };
      },
    },
    keys,
    clock: () => new Date(now),
    hasTime: () => true,
    reportCacheFailure: () => undefined,
    reportUnmended: (reason) => void unmended.push(reason),
  };
  const put = async (over: Partial<RoutedMessage> = {}): Promise<StoredMessage> => {
    const user_id = over.user_id ?? ANA;
    const message = aRoutedMessage({ ...over, user_id, tag: keys.tag(user_id) });
    await store.store([message]);
    const row = tables.liveRow(user_id, sortKeyOf(message));
    if (!row) throw new Error("not stored");
    return row;
  };
  return { tables, index, deps, put, compared, unmended };
}

describe("a shard of a day", () => {
  it("that agrees is counted and left as it is", async () => {
    const day = aDay();
    await day.index.index([await day.put(), await day.put({ message_id: "m-2" })]);
    const report = await repairShard(DAY, SHARD, day.deps);
    expect(report).toMatchObject({ day: DAY, shard: SHARD, rows: 2, documents: 2, missing: 0, mended: 0 });
    expect(isMended(report)).toBe(true);
    expect(day.compared).toEqual([[ANA]]);
  });

  it("gains the documents it lacks and the revisions it lags behind", async () => {
    const day = aDay();
    const [lacking, lagging] = [await day.put(), await day.put({ message_id: "m-2" })];
    await day.index.index([{ ...lagging, revision: 0.5, content: "old" }]);
    const report = await repairShard(DAY, SHARD, day.deps);
    expect(report).toMatchObject({ missing: 1, older: 1, mended: 2, remaining: 0 });
    expect(day.index.documents()).toEqual(expect.arrayContaining([lacking, lagging]));
    expect(await repairShard(DAY, SHARD, day.deps)).toMatchObject({ missing: 0, older: 0, documents: 2 });
  });

  it("loses documents whose row is not there before its time, or belongs to an erased past", async () => {
    const day = aDay();
    const row = await day.put();
    const erased = await day.put({ message_id: "m-2" });
    await day.index.index([row, erased]);
    day.tables.dropRow(row.user_id, sortKeyOf(row));
    expect(await repairShard(DAY, SHARD, day.deps)).toMatchObject({ orphaned: 1, mended: 1, remaining: 0 });
    expect(day.index.documents()).toEqual([erased]);
    day.tables.fences.set(keys.tag(ANA), { generation: 1, fenced_at: later(1) });
    day.tables.dropRow(erased.user_id, sortKeyOf(erased));
    expect(await repairShard(DAY, SHARD, day.deps)).toMatchObject({ orphaned: 1, mended: 1 });
    expect(day.index.documents()).toEqual([]);
  });

  it("keeps documents that outlived their rows, unless the person was erased", async () => {
    const month = later(31 * 86_400_000);
    const day = aDay(month);
    const row = await day.put();
    await day.index.index([row]);
    day.tables.dropRow(row.user_id, sortKeyOf(row));
    const report = await repairShard(DAY, SHARD, day.deps);
    expect(report).toMatchObject({ outlived: 1, orphaned: 0, remaining: 0 });
    expect(isMended(report)).toBe(true);
    expect(day.index.documents()).toEqual([row]);
    day.tables.fences.set(keys.tag(ANA), { generation: 1, fenced_at: later(1) });
    expect(await repairShard(DAY, SHARD, day.deps)).toMatchObject({ outlived: 0, orphaned: 1, mended: 1 });
  });

  it("indexes no row of an erased past", async () => {
    const day = aDay();
    await day.put();
    day.tables.fences.set(keys.tag(ANA), { generation: 1, fenced_at: later(1) });
    expect(await repairShard(DAY, SHARD, day.deps)).toMatchObject({ missing: 0, remaining: 0 });
    expect(day.index.documents()).toEqual([]);
  });

  it("leaves documents that are newer than their row, and says so", async () => {
    const day = aDay();
    const newer = { ...(await day.put()), revision: 9 };
    await day.index.index([newer]);
    const report = await repairShard(DAY, SHARD, day.deps);
    expect(report).toMatchObject({ newer: 1, mended: 0, remaining: 1 });
    expect(isMended(report)).toBe(false);
    expect(day.index.documents()).toEqual([newer]);
    expect(day.unmended).toHaveLength(1);
  });

  it("believes a strong read, not an index of the table that lags", async () => {
    const day = aDay();
    const row = await day.put();
    await day.index.index([row]);
    const days = { ...day.deps.days, rows: async function* () {} };
    expect(await repairShard(DAY, SHARD, { ...day.deps, days })).toMatchObject({ orphaned: 0, remaining: 0 });
    expect(day.index.documents()).toEqual([row]);
  });

  it("counts what it cannot mend", async () => {
    const day = aDay();
    await day.put();
    const index = { index: async () => [{ status: "failed", reason: "OpenSearch: refused" } as const] };
    const report = await repairShard(DAY, SHARD, { ...day.deps, index });
    expect(report).toMatchObject({ missing: 1, mended: 0, remaining: 1 });
    expect(day.unmended).toEqual(["OpenSearch: refused"]);
  });

  it("does not believe that a missing document is current: the index remembers one that was removed", async () => {
    const day = aDay();
    await day.put();
    const index = { index: async () => [{ status: "current" } as const] };
    const report = await repairShard(DAY, SHARD, { ...day.deps, index });
    expect(report).toMatchObject({ missing: 1, mended: 0, remaining: 1 });
    expect(day.unmended).toHaveLength(1);
  });

  it("compares the index though the cache does not answer, and is then not mended", async () => {
    const day = aDay();
    await day.put();
    const contexts = { compare: () => Promise.reject(new TransientError("Lambda: failed")) };
    const report = await repairShard(DAY, SHARD, { ...day.deps, contexts });
    expect(report).toMatchObject({ missing: 1, mended: 1, cache: null });
    expect(isMended(report)).toBe(false);
  });

  it("stops when time runs out, and says so", async () => {
    const day = aDay();
    for (const message_id of ["a", "b", "c"]) await day.put({ message_id });
    let left = 2;
    const report = await repairShard(DAY, SHARD, { ...day.deps, hasTime: () => --left > 0 });
    expect(report).toMatchObject({ rows: 2, missing: 2, mended: 2, isComplete: false });
    expect(isMended(report)).toBe(false);
  });
});

it("whatever differs, all shards together end with one document for each row, and a second look finds nothing", async () => {
  const user = fc.constantFrom("web:a", "web:aa", "web:\u{1f642}", "web:\uff5e", "web:z", "web:z z");
  const fact = fc.record({
    user_id: user,
    message_id: fc.constantFrom("a", "b", "a.b", "Z", "_"),
    seconds: fc.integer({ min: 0, max: 2 }),
    fate: fc.constantFrom("agrees", "missing", "older", "orphaned"),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fact, { maxLength: 40 }), async (facts) => {
      const day = aDay();
      const seen = new Set<string>();
      for (const { user_id, message_id, seconds, fate } of facts) {
        if (seen.has(`${user_id} ${message_id}`)) continue;
        seen.add(`${user_id} ${message_id}`);
        const timestamp = later(seconds * 1000);
        if (fate === "orphaned") {
          await day.index.index([aStoredMessage({ user_id, message_id, timestamp })]);
          continue;
        }
        const row = await day.put({ user_id, message_id, timestamp });
        if (fate !== "missing") await day.index.index([fate === "older" ? { ...row, revision: 0.5 } : row]);
      }
      const everywhere = async () => {
        const reports = [];
        for (let shard = 0; shard < SHARDS; shard++) reports.push(await repairShard(DAY, shard, day.deps));
        return reports;
      };
      expect((await everywhere()).every(isMended)).toBe(true);
      const byId = (a: StoredMessage, b: StoredMessage) =>
        `${a.user_id} ${a.message_id}` < `${b.user_id} ${b.message_id}` ? -1 : 1;
      expect(day.index.documents().sort(byId)).toEqual(day.tables.everyRow().sort(byId));
      for (const { missing, older, orphaned } of await everywhere())
        expect([missing, older, orphaned]).toEqual([0, 0, 0]);
    }),
    { numRuns: 150 },
  );
});
