import { describe, expect, it } from "vitest";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import type { QueueRecord } from "../../../functions/core/ports/event-queue.ts";
import type { CacheRepair } from "../../../functions/core/ports/repair-queue.ts";
import {
  type DrainDeadLettersDeps,
  drainDeadLetters,
} from "../../../functions/core/use-cases/drain-dead-letters.ts";
import { later, NOW } from "../../support/builders.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeObjectIndex, createFakeObjectStore } from "../../support/fakes/fake-objects.ts";
import { createFakeQuarantine } from "../../support/fakes/fake-quarantine.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const keys = new KeyChain({ k1: "k".repeat(64) });
const ANA = "web:ana";

const letter = (id: string, body: string, over: Partial<QueueRecord> = {}): QueueRecord => ({
  id,
  body,
  sentAt: new Date(NOW),
  receiveCount: 1,
  receiptHandle: id,
  ...over,
});

const event = (fields: Record<string, unknown> = {}): string =>
  JSON.stringify({
    user_id: ANA,
    message_id: "m1",
    session_id: "s",
    timestamp: later(-60_000),
    role: "user",
    content: "hola",
    ...fields,
  });

function aDrain(over: Partial<DrainDeadLettersDeps> = {}) {
  const tables = new FakeTables(() => new Date(NOW));
  const quarantine = createFakeQuarantine(tables);
  const objectStore = createFakeObjectStore();
  const dropped: CacheRepair[] = [];
  const counted: Record<string, number> = {};
  const deps: DrainDeadLettersDeps = {
    keys,
    quarantine,
    objectStore,
    objectIndex: createFakeObjectIndex(),
    ledger: createFakeErasureLedger(tables),
    repairs: { refreshCache: async (repairs) => void dropped.push(...repairs) },
    count: (name, n) => {
      counted[name] = (counted[name] ?? 0) + n;
    },
    report: () => undefined,
    ...over,
  };
  return { tables, quarantine, objectStore, dropped, counted, deps };
}

describe("a message that failed in every delivery", () => {
  it("is kept with its first arrival and the number of its retries, and its cached context dropped", async () => {
    const drain = aDrain();
    const body = event({ first_received_at: later(-50_000) });
    expect(await drainDeadLetters([letter("r1", body, { retries: 2 })], drain.deps)).toEqual([]);
    expect(drain.quarantine.entries).toMatchObject([
      {
        user_id: ANA,
        code: "retries-exhausted",
        field: "body",
        first_received_at: later(-50_000),
        source_id: "r1",
        retries: 2,
        body: { text: body },
      },
    ]);
    expect(drain.dropped).toEqual([{ user_id: ANA, tag: keys.tag(ANA) }]);
    expect(drain.counted).toEqual({ QuarantinedMessages: 1 });
  });

  it("is kept once, however often it is drained", async () => {
    const drain = aDrain();
    await drainDeadLetters([letter("r1", event())], drain.deps);
    await drainDeadLetters([letter("r1", event())], drain.deps);
    expect(drain.quarantine.entries).toHaveLength(1);
  });

  it("keeps its own reason where it is not well formed, and its body in the bucket where it is long", async () => {
    const drain = aDrain();
    const long = event({ content: "x".repeat(300_000), message_id: "m!" });
    expect(await drainDeadLetters([letter("r1", "{"), letter("r2", long)], drain.deps)).toEqual([]);
    expect(drain.quarantine.entries).toMatchObject([
      { user_id: "unknown", code: "invalid-json" },
      { user_id: ANA, code: "invalid-field", field: "message_id", body: { bytes: Buffer.byteLength(long) } },
    ]);
    expect([...drain.objectStore.objects.values()].map(({ body }) => body)).toEqual([long]);
  });
});

describe("the fence", () => {
  it("discards what belongs to an erased past, by the message's own time", async () => {
    const drain = aDrain();
    drain.tables.fences.set(keys.tag(ANA), { generation: 1, fenced_at: later(-30_000) });
    expect(await drainDeadLetters([letter("r1", event())], drain.deps)).toEqual([]);
    expect(drain.quarantine.entries).toEqual([]);
    expect(drain.counted).toEqual({ DiscardedMessages: 1 });
  });

  it("that moves while a message is kept has it come again", async () => {
    const drain = aDrain();
    const tag = keys.tag(ANA);
    const ledger = {
      fences: async () => {
        const before = new Map(drain.tables.fences);
        drain.tables.fences.set(tag, { generation: 1, fenced_at: later(-90_000) });
        return before;
      },
    };
    const deps = { ...drain.deps, ledger };
    expect(await drainDeadLetters([letter("r1", event())], deps)).toEqual(["r1"]);
    expect(drain.quarantine.entries).toEqual([]);
    expect(await drainDeadLetters([letter("r1", event())], deps)).toEqual([]);
    expect(drain.quarantine.entries).toMatchObject([{ generation: 2 }]);
  });
});

it("one that cannot be kept comes again, the others do not", async () => {
  const drain = aDrain();
  const quarantine: DrainDeadLettersDeps["quarantine"] = {
    put: (entry) =>
      entry.source_id === "r1" ? Promise.reject(new Error("away")) : drain.quarantine.put(entry),
  };
  const failed = await drainDeadLetters([letter("r1", event()), letter("r2", event({ message_id: "m2" }))], {
    ...drain.deps,
    quarantine,
  });
  expect(failed).toEqual(["r1"]);
  expect(drain.quarantine.entries).toMatchObject([{ source_id: "r2" }]);
});
