import { describe, expect, it } from "vitest";
import type { PipelineInput, PipelineOutcomes } from "../../../functions/core/contracts/pipeline.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import type { QueueRecord } from "../../../functions/core/ports/event-queue.ts";
import type { CacheRepair, IndexRepair } from "../../../functions/core/ports/repair-queue.ts";
import { routeBatch } from "../../../functions/core/use-cases/route-batch.ts";
import type { RouteBatchDeps } from "../../../functions/core/use-cases/routing.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { createFakeObjectIndex, createFakeObjectStore } from "../../support/fakes/fake-objects.ts";
import { createFakeQuarantine } from "../../support/fakes/fake-quarantine.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const SENT = new Date("2026-11-20T12:00:00.500Z");
const keys = new KeyChain({ k1: "k".repeat(64) });

const event = (user: string, id: string, fields: Record<string, unknown> = {}): string =>
  JSON.stringify({
    user_id: `web:${user}`,
    message_id: id,
    session_id: "s1",
    timestamp: "2026-11-20T11:59:59.123Z",
    role: "user",
    content: `text of ${id}`,
    ...fields,
  });

const record = (id: string, body: string, receiveCount = 1): QueueRecord => ({
  id,
  body,
  sentAt: SENT,
  receiveCount,
  receiptHandle: `handle-${id}`,
});

/** A router on fakes that really store; `faults` change what the workflow says of a batch. */
function aRouter(
  faults: (outcomes: PipelineOutcomes, input: PipelineInput) => PipelineOutcomes = (same) => same,
) {
  const tables = new FakeTables(() => SENT);
  const store = createFakeMessageStore(tables);
  const quarantine = createFakeQuarantine(tables);
  const objectStore = createFakeObjectStore();
  const objectIndex = createFakeObjectIndex();
  const runs: string[][] = [];
  const cacheRepairs: CacheRepair[] = [];
  const reindexed: IndexRepair[] = [];
  const delays = new Map<string, number>();
  const counted: Record<string, number> = {};
  const reported: string[] = [];
  const deps: RouteBatchDeps = {
    keys,
    quarantine,
    objectStore,
    objectIndex,
    ledger: createFakeErasureLedger(tables),
    repairs: {
      refreshCache: async (repairs) => void cacheRepairs.push(...repairs),
      reindex: async (rows) => void reindexed.push(...rows),
    },
    queue: { delay: async ({ id }, seconds) => void delays.set(id, seconds) },
    workflow: {
      run: async (input) => {
        runs.push(input.messages.map(({ message_id }) => message_id));
        const rows = await store.store(input.messages);
        const items = rows.map(({ item }) => item);
        return faults(
          {
            cache: { outcomes: items.map((item) => ({ item, status: "applied" })) },
            rows: { outcomes: rows },
            index: { outcomes: items.map((item) => ({ item, status: "indexed" })) },
          },
          input,
        );
      },
    },
    count: (name, n) => {
      counted[name] = (counted[name] ?? 0) + n;
    },
    report: ({ recordId, step }) => void reported.push(`${recordId} ${step}`),
    random: () => 0.5,
    shouldAnalyze: false,
    hasTimeForExecution: () => true,
  };
  const rowsOf = (user: string) => [...tables.stateOf(`web:${user}`).records.keys()].sort();
  return {
    tables,
    quarantine,
    objectStore,
    objectIndex,
    runs,
    cacheRepairs,
    reindexed,
    delays,
    counted,
    reported,
    deps,
    rowsOf,
  };
}

describe("a good batch", () => {
  it("runs once and leaves the queue", async () => {
    const router = aRouter();
    const failed = await routeBatch(
      [record("r1", event("ana", "m1")), record("r2", event("luis", "m2"))],
      router.deps,
    );
    expect(failed).toEqual([]);
    expect(router.runs).toEqual([["m1", "m2"]]);
    expect([router.rowsOf("ana"), router.rowsOf("luis")]).toEqual([["m1"], ["m2"]]);
    expect(router.counted).toMatchObject({ StoredMessages: 2 });
    expect([router.cacheRepairs, router.reindexed]).toEqual([[], []]);
  });

  it("counts a duplicate with another timestamp, and has the cache follow its row", async () => {
    const router = aRouter();
    await routeBatch([record("r1", event("ana", "m1"))], router.deps);
    const again = event("ana", "m1", { timestamp: "2026-11-20T11:59:58.000Z" });
    expect(await routeBatch([record("r2", again)], router.deps)).toEqual([]);
    expect(router.counted).toMatchObject({ StoredMessages: 1, DuplicateMessages: 1 });
    expect(router.cacheRepairs).toEqual([
      { user_id: "web:ana", tag: keys.tag("web:ana"), sort_key: "2026-11-20T11:59:59.123Z#m1" },
    ]);
  });

  it("has the cache follow an edit", async () => {
    const router = aRouter();
    const edit = event("ana", "m1", { kind: "edit", content: "new", timestamp: "2026-11-20T12:00:00.000Z" });
    expect(await routeBatch([record("r1", event("ana", "m1")), record("r2", edit)], router.deps)).toEqual([]);
    expect(router.cacheRepairs).toHaveLength(1);
    expect(router.cacheRepairs[0]).toMatchObject({ sort_key: "2026-11-20T11:59:59.123Z#m1" });
  });
});

describe("what can never succeed", () => {
  it("goes to quarantine with field and person, and nobody waits for it", async () => {
    const router = aRouter();
    const failed = await routeBatch(
      [record("r1", "{"), record("r2", event("ana", "m!")), record("r3", event("luis", "m3"))],
      router.deps,
    );
    expect(failed).toEqual([]);
    expect(router.rowsOf("luis")).toEqual(["m3"]);
    expect(router.quarantine.entries).toMatchObject([
      { user_id: "unknown", source_id: "r1", code: "invalid-json", field: "body", body: { text: "{" } },
      { user_id: "web:ana", source_id: "r2", code: "invalid-field", field: "message_id", generation: 1 },
    ]);
  });

  it("keeps the first body under an id and quarantines another one", async () => {
    const router = aRouter();
    await routeBatch([record("r1", event("ana", "m1"))], router.deps);
    expect(await routeBatch([record("r2", event("ana", "m1", { content: "other" }))], router.deps)).toEqual(
      [],
    );
    expect(router.quarantine.entries).toMatchObject([
      { code: "conflict", field: "message_id", user_id: "web:ana" },
    ]);
    expect(router.counted).toMatchObject({ ConflictingMessages: 1 });
    expect(router.cacheRepairs).toEqual([{ user_id: "web:ana", tag: keys.tag("web:ana") }]);
  });

  it("names the field that makes a message too large", async () => {
    const router = aRouter();
    expect(
      await routeBatch([record("r1", event("ana", "m1", { content: "x".repeat(170_000) }))], router.deps),
    ).toEqual([]);
    expect(router.quarantine.entries).toMatchObject([{ code: "too-large", field: "content" }]);
    expect(router.runs).toEqual([]);
  });

  it("keeps a body of 1 MiB as an object that the person's index names", async () => {
    const router = aRouter();
    const body = event("ana", "m1", { content: "x".repeat(1_048_000) });
    await routeBatch([record("r1", body)], router.deps);
    const key = "quarantine/2026/11/20/r1.json";
    expect(router.objectStore.objects.get(key)?.body).toBe(body);
    expect(router.objectIndex.entries()).toEqual([{ user_id: "web:ana", key, generation: 1 }]);
    expect(router.quarantine.entries[0]?.body).toEqual({ object: key, bytes: Buffer.byteLength(body) });
  });
});

it("moves a large tool result to the bucket and leaves a pointer", async () => {
  const router = aRouter();
  const result = "r".repeat(40_000);
  const body = event("ana", "m1", {
    tool_calls: [
      { tool: "a", args: {}, result },
      { tool: "b", args: {}, result: 1 },
    ],
  });
  await routeBatch([record("r1", body)], router.deps);
  const [entry] = router.objectIndex.entries();
  expect(entry?.key).toMatch(/^tool-results\/2026\/11\/20\/[0-9a-f]{64}\/0\.json$/);
  expect(router.objectStore.objects.get(entry?.key ?? "")?.body).toBe(JSON.stringify(result));
  const [row] = router.tables.allRows("web:ana");
  expect(row?.tool_calls).toEqual([
    { tool: "a", args: {}, result: { object: entry?.key, bytes: 40_002 } },
    { tool: "b", args: {}, result: 1 },
  ]);
});

it.each([1, 150_000])(
  "applies a deletion that carries its message whole, %i characters, and writes none of it",
  async (size) => {
    const router = aRouter();
    const tool_calls = [{ tool: "a", args: "y".repeat(size), result: "x".repeat(40_000) }];
    const whole = event("ana", "m1", { kind: "delete", tool_calls, metadata: { note: "x" }, unknown: "x" });
    await routeBatch([record("r1", event("ana", "m1"))], router.deps);
    await routeBatch([record("r2", whole)], router.deps);
    expect(router.tables.allRows("web:ana")).toMatchObject([
      { message_id: "m1", deleted: true, content: "" },
    ]);
    expect([router.counted["QuarantinedMessages"], router.objectIndex.entries()]).toEqual([undefined, []]);
  },
);

it("keeps the first message's tool result when another body comes under its id, or an older edit", async () => {
  const router = aRouter();
  const withResult = (letter: string, fields: Record<string, unknown> = {}) =>
    event("ana", "m1", { tool_calls: [{ tool: "a", args: {}, result: letter.repeat(40_000) }], ...fields });
  const shown = async () => {
    const [row] = router.tables.allRows("web:ana");
    const pointer = row?.tool_calls?.[0]?.result as { readonly object: string } | undefined;
    return (await router.objectStore.get(pointer?.object ?? ""))?.[1];
  };
  await routeBatch([record("r1", withResult("a"))], router.deps);
  await routeBatch([record("r2", withResult("b"))], router.deps);
  expect(router.counted).toMatchObject({ ConflictingMessages: 1 });
  expect(await shown()).toBe("a");

  const edit = (letter: string, timestamp: string) => withResult(letter, { kind: "edit", timestamp });
  await routeBatch([record("r3", edit("d", "2026-11-20T12:00:00.400Z"))], router.deps);
  await routeBatch([record("r4", edit("c", "2026-11-20T12:00:00.300Z"))], router.deps);
  expect(await shown()).toBe("d");
});

describe("the fence", () => {
  it("discards what belongs to an erased past and lets a new message start the next generation", async () => {
    const router = aRouter();
    router.tables.fences.set(keys.tag("web:ana"), { generation: 3, fenced_at: "2026-11-20T11:59:59.500Z" });
    const late = event("ana", "m2", { timestamp: "2026-11-20T12:00:00.200Z" });
    const failed = await routeBatch(
      [record("r1", event("ana", "m1")), record("r2", late), record("r3", event("luis", "m3"))],
      router.deps,
    );
    expect(failed).toEqual([]);
    expect(router.rowsOf("ana")).toEqual(["m2"]);
    expect(router.tables.allRows("web:ana")[0]?.generation).toBe(4);
    expect(router.counted).toMatchObject({ DiscardedMessages: 1, StoredMessages: 2 });
  });

  it("goes by the earlier of event and arrival, whatever the sender's clock says", async () => {
    const router = aRouter();
    router.tables.fences.set(keys.tag("web:ana"), { generation: 1, fenced_at: "2026-11-20T12:00:00.500Z" });
    await routeBatch(
      [record("r1", event("ana", "m1", { timestamp: "2026-11-20T12:30:00.000Z" }))],
      router.deps,
    );
    expect(router.rowsOf("ana")).toEqual([]);
    expect(router.counted).toMatchObject({ DiscardedMessages: 1 });
  });

  it("is asked before a quarantine too", async () => {
    const router = aRouter();
    router.tables.fences.set(keys.tag("web:ana"), { generation: 1, fenced_at: "2026-11-20T13:00:00.000Z" });
    expect(await routeBatch([record("r1", event("ana", "m!"))], router.deps)).toEqual([]);
    expect(router.quarantine.entries).toEqual([]);
  });

  it("refuses an old body that can never be stored, however late it comes", async () => {
    const router = aRouter();
    router.tables.fences.set(keys.tag("web:ana"), { generation: 1, fenced_at: "2026-11-20T12:00:00.000Z" });
    expect(await routeBatch([record("r1", event("ana", "no id"))], router.deps)).toEqual([]);
    expect(router.quarantine.entries).toEqual([]);
    expect(router.counted["DiscardedMessages"]).toBe(1);
  });

  it("unreachable means that nothing is written", async () => {
    const router = aRouter();
    const fences = () => Promise.reject(new TransientError("DynamoDB: unreachable"));
    const batch = [record("r1", event("ana", "m1")), record("r2", event("luis", "m!"))];
    expect(await routeBatch(batch, { ...router.deps, ledger: { fences } })).toEqual(["r1", "r2"]);
    expect([router.runs, router.quarantine.entries]).toEqual([[], []]);
    // They come again after a back-off, not after the queue's visibility time-out.
    expect([...router.delays.keys()]).toEqual(["r1", "r2"]);
    expect(router.reported).toEqual(["r1 ledger", "r2 ledger"]);
  });
});

describe("failures", () => {
  it("bring back exactly what failed and, for order, the later messages of that person", async () => {
    const router = aRouter((outcomes, { messages }) => ({
      ...outcomes,
      rows: {
        outcomes: outcomes.rows.outcomes.map((row) =>
          messages[row.item]?.message_id === "m2"
            ? { item: row.item, status: "failed", reason: "throttled" }
            : row,
        ),
      },
    }));
    const batch = [
      record("r1", event("ana", "m1")),
      record("r2", event("ana", "m2")),
      record("r3", event("luis", "m3")),
      record("r4", event("ana", "m4")),
    ];
    expect(await routeBatch(batch, router.deps)).toEqual(["r2", "r4"]);
    expect(router.counted).toMatchObject({ RetriedMessages: 2 });
    expect([...router.delays.keys()]).toEqual(["r2", "r4"]);
  });

  it("of the whole run bring back the whole batch, with a back-off that grows", async () => {
    const router = aRouter(() => {
      throw new TransientError("Step Functions: TIMED_OUT");
    });
    const batch = [record("r1", event("ana", "m1"), 1), record("r2", event("luis", "m2"), 2)];
    expect(await routeBatch(batch, router.deps)).toEqual(["r1", "r2"]);
    expect(Object.fromEntries(router.delays)).toEqual({ r1: 2, r2: 4 });
  });

  it("of one person's message harm nobody else from the third receive on", async () => {
    const router = aRouter((outcomes, { messages }) => {
      if (messages.some(({ message_id }) => message_id === "poison")) throw new TransientError("FAILED");
      return outcomes;
    });
    const batch = [record("r1", event("ana", "poison"), 3), record("r2", event("luis", "m2"), 3)];
    expect(await routeBatch(batch, router.deps)).toEqual(["r1"]);
    expect(router.rowsOf("luis")).toEqual(["m2"]);
  });

  describe("after an outage, when much of a batch is late", () => {
    const late = (receives: number): QueueRecord[] =>
      ["ana", "luis", "eva", "sol", "blas"].map((user, index) =>
        record(`r${index}`, event(user, `m${index}`), receives),
      );

    it("let it run together, not each person alone", async () => {
      const router = aRouter();
      expect(await routeBatch([...late(4), record("r9", event("noa", "m9"))], router.deps)).toEqual([]);
      expect(router.runs).toEqual([["m0", "m1", "m2", "m3", "m4", "m9"]]);
    });

    it("still let each person run alone at every sixth receive, should poison be among them", async () => {
      const router = aRouter();
      expect(await routeBatch(late(6), router.deps)).toEqual([]);
      expect(router.runs).toEqual([["m0"], ["m1"], ["m2"], ["m3"], ["m4"]]);
    });

    it("let the late ones of a batch run alone while they are few people, whatever they have sent", async () => {
      const router = aRouter();
      const more = record("r7", event("ana", "m7"), 4);
      expect(await routeBatch([...late(4).slice(0, 4), more], router.deps)).toEqual([]);
      expect(router.runs).toEqual([["m0", "m7"], ["m1"], ["m2"], ["m3"]]);
    });
  });

  it("of cache and index are handed to repair, and the message leaves the queue", async () => {
    const router = aRouter((outcomes) => ({
      ...outcomes,
      cache: { Error: "TransientError", Cause: "Valkey: unreachable" },
      index: { Error: "States.Timeout" },
    }));
    expect(await routeBatch([record("r1", event("ana", "m1"))], router.deps)).toEqual([]);
    expect(router.cacheRepairs).toEqual([{ user_id: "web:ana", tag: keys.tag("web:ana") }]);
    expect(router.reindexed).toEqual([
      { user_id: "web:ana", tag: keys.tag("web:ana"), sort_key: "2026-11-20T11:59:59.123Z#m1" },
    ]);
  });

  it("of the analysis have its repairs wait: it may still be written", async () => {
    const router = aRouter((outcomes) => ({ ...outcomes, analytics: { Error: "States.Timeout" } }));
    expect(await routeBatch([record("r1", event("ana", "m1"))], router.deps)).toEqual([]);
    const sort_key = "2026-11-20T11:59:59.123Z#m1";
    const later = { user_id: "web:ana", tag: keys.tag("web:ana"), sort_key, afterSeconds: 10 };
    expect([router.cacheRepairs, router.reindexed]).toEqual([[later], [later]]);
  });

  it("of the repair queue keep the message in the queue", async () => {
    const router = aRouter((outcomes) => ({ ...outcomes, index: { Error: "States.Timeout" } }));
    const reindex = () => Promise.reject(new TransientError("SQS: unreachable"));
    const deps = { ...router.deps, repairs: { ...router.deps.repairs, reindex } };
    expect(await routeBatch([record("r1", event("ana", "m1"))], deps)).toEqual(["r1"]);
  });

  it("without an outcome count as failed", async () => {
    const router = aRouter((outcomes) => ({ ...outcomes, rows: { outcomes: [] } }));
    expect(await routeBatch([record("r1", event("ana", "m1"))], router.deps)).toEqual(["r1"]);
  });

  it("of the quarantine keep the record, and the person's later messages behind it", async () => {
    const router = aRouter();
    const quarantine = { put: () => Promise.reject(new TransientError("DynamoDB: throttled")) };
    const batch = [
      record("r1", event("ana", "m!")),
      record("r2", event("ana", "m2")),
      record("r3", event("luis", "m3")),
    ];
    expect(await routeBatch(batch, { ...router.deps, quarantine })).toEqual(["r1", "r2"]);
    expect(router.runs).toEqual([["m3"]]);
    expect(router.reported).toEqual(["r1 route"]);
  });

  it("of a fence that moved meanwhile route the message again", async () => {
    const router = aRouter();
    const ledger = { fences: async () => new Map() };
    router.tables.fences.set(keys.tag("web:ana"), { generation: 1, fenced_at: "2026-11-20T11:00:00.000Z" });
    expect(await routeBatch([record("r1", event("ana", "m1"))], { ...router.deps, ledger })).toEqual(["r1"]);
    expect(await routeBatch([record("r1", event("ana", "m1"), 2)], router.deps)).toEqual([]);
    expect(router.tables.allRows("web:ana")[0]?.generation).toBe(2);
  });
});

it("runs a person's messages that do not fit one execution in order, and stops behind a failed part", async () => {
  const router = aRouter((outcomes, { messages }) => {
    if (messages.some(({ message_id }) => message_id === "m2")) throw new TransientError("FAILED");
    return outcomes;
  });
  const large = { content: "x".repeat(120_000) };
  const batch = ["m1", "m2", "m3"].map((id, index) => record(`r${index}`, event("ana", id, large)));
  expect(await routeBatch(batch, router.deps)).toEqual(["r1", "r2"]);
  expect(router.runs).toEqual([["m1"], ["m2"]]);
});
