import { describe, expect, it } from "vitest";
import { sortKeyOf } from "../../../functions/core/domain/message.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import type { EventEnvelope } from "../../../functions/core/ports/event-publisher.ts";
import { analyzeStored } from "../../../functions/core/use-cases/analyze-stored.ts";
import { compareContexts } from "../../../functions/core/use-cases/compare-contexts.ts";
import { drainDeadLetters } from "../../../functions/core/use-cases/drain-dead-letters.ts";
import { retryQuarantined } from "../../../functions/core/use-cases/quarantine-desk.ts";
import { readContext } from "../../../functions/core/use-cases/read-context.ts";
import { refreshCache } from "../../../functions/core/use-cases/refresh-cache.ts";
import { repairIndex } from "../../../functions/core/use-cases/repair-index.ts";
import { repairShard } from "../../../functions/core/use-cases/repair-shard.ts";
import { replayDay } from "../../../functions/core/use-cases/replay-rows.ts";
import { routeBatch } from "../../../functions/core/use-cases/route-batch.ts";
import { storeInCache } from "../../../functions/core/use-cases/store-in-cache.ts";
import { anEditOf, later, NOW } from "../../support/builders.ts";
import { ANA, FENCED_AT, keys, PipelineWorld } from "./pipeline-world.ts";

const DAY = NOW.slice(0, 10);
const LARGE = "x".repeat(250_000);

/** A way into the stores: what takes it with old data of Ana's in hand. */
interface Path {
  readonly go: (world: PipelineWorld) => Promise<unknown>;
  /** How often it asks the ledger for her. @default 1 */
  readonly asks?: number;
  /** It asks by the condition of its write, not by a look before. */
  readonly byCondition?: true;
  /** What was there before the erasure. */
  readonly prepare?: (world: PipelineWorld) => Promise<unknown>;
  /** It drops what the cache holds of an erased generation. */
  readonly dropsContext?: true;
}

const route = (fields: Readonly<Record<string, unknown>>): Path => ({
  go: (world) => routeBatch([world.record(fields)], world.routerDeps()),
});

const repairOf = ({ message }: PipelineWorld) => ({
  user_id: ANA,
  tag: keys.tag(ANA),
  sort_key: sortKeyOf(message),
});

/** Every path that could write a person's data from something older than their erasure. */
const PATHS: Readonly<Record<string, Path>> = {
  "the event queue: a message": route({}),
  "the event queue: the same message again": route({ message_id: "m-1", content: "vieja" }),
  "the event queue: a large tool result": route({ tool_calls: [{ tool: "t", args: {}, result: LARGE }] }),
  "the event queue: an edit": route({ kind: "edit", message_id: "m-1", content: "corregida" }),
  "the event queue: a deletion": route({ kind: "delete", message_id: "m-1", content: "" }),
  "the event queue: a message of a wrong clock": route({ timestamp: later(3_000_000) }),
  "quarantine: an event that cannot be stored": route({ message_id: "m!" }),
  "quarantine: one whose body goes to the bucket": route({ message_id: "m!", content: LARGE }),
  "the dead-letter queue: a message": {
    go: (world) => drainDeadLetters([world.record()], world.routerDeps()),
  },
  "the dead-letter queue: one that cannot be stored": {
    go: (world) => drainDeadLetters([world.record({ message_id: "m!", content: LARGE })], world.routerDeps()),
  },
  "a redrive: an event that is sent anew with its first arrival": route({ first_received_at: NOW }),
  "hilo quarantine retry": {
    async go(world) {
      const { quarantine, objectIndex, objectStore, clock } = world;
      const entry = {
        user_id: ANA,
        first_received_at: NOW,
        source_id: "r0",
        code: "retries-exhausted",
        field: "body",
        detail: "",
        body: { text: world.record().body },
      };
      const sent: EventEnvelope[] = [];
      await retryQuarantined(entry, {
        ...{ quarantine, objectIndex, objectStore, keys, clock, maxBodyBytes: 500_000 },
        publisher: { publish: async (events) => sent.push(...events) },
      });
      // As the consumed queue gives it: the history beside the body says when it first came.
      const records = sent.map(({ body, history }) => ({
        ...world.record(),
        body,
        sentAt: new Date(history?.firstReceivedAt ?? clock()),
      }));
      return routeBatch(records, world.routerDeps());
    },
  },
  "the transaction of a message": {
    go: ({ store, message }) => store.store([{ ...message, message_id: "m-3" }]),
    byCondition: true,
  },
  "an analysis that is written back": {
    go: ({ store, reader, message, row }) =>
      analyzeStored(
        {
          messages: [message],
          stored: [{ item: 0, status: "stored", sort_key: sortKeyOf(message), revision: row.revision }],
        },
        {
          reader,
          store,
          analyzer: {
            analyze: async (texts) => texts.map(() => ({ metadata: { language: "es", intent: "hours" } })),
          },
        },
      ),
    byCondition: true,
  },
  "a fill of the cache": {
    go: (world) =>
      readContext({ user_id: ANA, tag: keys.tag(ANA) }, 10, {
        ...world,
        reportCacheFailure: () => undefined,
      }),
    // Before the rows are read and after the fill.
    asks: 2,
  },
  "a repair of the cache": {
    // The cache lags behind an edit.
    async prepare({ cache, store, message }) {
      await storeInCache({ messages: [message] }, cache);
      await store.store([anEditOf(message, { content: "corregida" })]);
    },
    go: (world) => refreshCache([repairOf(world)], world),
    dropsContext: true,
  },
  "a repair of the index": { go: (world) => repairIndex([repairOf(world)], world) },
  "the nightly repair": {
    go: (world) =>
      repairShard(DAY, shardOf(ANA), {
        ...world,
        keys,
        dayIndex: world.index.byDay,
        contexts: {
          compare: (people) =>
            compareContexts(people, {
              ...world,
              inspector: { held: async () => people.map(() => undefined) },
            }),
        },
        hasTime: () => true,
        reportCacheFailure: () => undefined,
        reportUnmended: () => undefined,
      }),
  },
  "hilo replay, and who works off what it sends": {
    async go(world) {
      await replayDay(DAY, undefined, { days: world.days, keys, repairs: world.repairs() }, () => undefined);
      await refreshCache(world.cacheRepairs, world);
      return repairIndex(world.indexRepairs, world);
    },
    asks: 2,
  },
};

describe.each(Object.entries(PATHS))("%s", (_, { go, prepare, asks = 1, byCondition, dropsContext }) => {
  const begin = async () => {
    const world = await PipelineWorld.withRow();
    await prepare?.(world);
    return world;
  };

  it("writes what is not erased, or there would be nothing to refuse", async () => {
    const world = await begin();
    const before = world.written();
    await go(world);
    expect(world.written()).not.toEqual(before);
  });

  it("asks the ledger and writes nothing of an erased generation", async () => {
    const world = await begin();
    world.erase();
    const before = world.written();
    await go(world);
    expect(world.written()).toEqual({ ...before, ...(dropsContext && { contexts: [] }) });
    if (!byCondition) expect(world.asked).toBe(asks);
  });
});

const LOOKING = Object.entries(PATHS).filter(([, { byCondition }]) => !byCondition);

it.each(LOOKING)("%s: writes nothing while the ledger cannot be asked", async (_, { go, prepare }) => {
  const world = await PipelineWorld.withRow();
  await prepare?.(world);
  world.isLedgerDown = true;
  const before = world.written();
  const refused: unknown = await go(world).then(
    (result) => result,
    (error: unknown) => error,
  );
  // Either all fail, or the record comes again.
  if (!Array.isArray(refused)) expect(refused).toMatchObject({ name: "TransientError" });
  else expect(refused).toEqual(["r1"]);
  expect(world.written()).toEqual(before);
});

describe("what a person writes after their erasure", () => {
  it("flows at once, in the next generation, while the old rows are still there", async () => {
    const world = await PipelineWorld.withRow();
    world.erase();
    const after = later(1, FENCED_AT);
    await routeBatch([world.record({ timestamp: after, content: "nueva" }, after)], world.routerDeps());
    const rows = world.tables.allRows(ANA).map(({ content, generation }) => [generation, content]);
    expect(rows.toSorted()).toEqual([
      [1, "vieja"],
      [2, "nueva"],
    ]);
  });

  it("edits and deletes nothing of before", async () => {
    const world = await PipelineWorld.withRow();
    world.erase();
    const after = later(1, FENCED_AT);
    const edit = { kind: "edit", message_id: "m-1", content: "corregida", timestamp: after };
    await routeBatch([world.record(edit, after)], world.routerDeps());
    expect(world.row.content).toBe("vieja");
    expect(world.tables.allRows(ANA)).toHaveLength(1);
  });

  it("has its large objects apart from those of before", async () => {
    const world = await PipelineWorld.withRow();
    const calls = (result: string) => ({ message_id: "m-9", tool_calls: [{ tool: "t", args: {}, result }] });
    await routeBatch([world.record(calls(LARGE))], world.routerDeps());
    world.erase();
    const after = later(1, FENCED_AT);
    await routeBatch([world.record({ ...calls(`${LARGE}!`), timestamp: after }, after)], world.routerDeps());
    expect(world.objectIndex.entries().map(({ generation }) => generation)).toEqual([1, 2]);
    expect(world.objectStore.objects.size).toBe(2);
  });
});

describe("a router that was paused between the ledger and its write", () => {
  it("has its object in the index before the bucket has it, so that the last pass finds it", async () => {
    const world = await PipelineWorld.withRow();
    const seen: number[] = [];
    const put = world.objectStore.put.bind(world.objectStore);
    const deps = {
      ...world.routerDeps(),
      objectStore: {
        ...world.objectStore,
        put: async (key: string, body: string, type: string) => {
          seen.push(world.objectIndex.entries().filter((entry) => entry.key === key).length);
          world.erase();
          await put(key, body, type);
        },
      },
    };
    for (const fields of [
      { tool_calls: [{ tool: "t", args: {}, result: LARGE }] },
      { message_id: "m!", content: LARGE },
    ]) {
      await routeBatch([world.record(fields)], deps);
      // Neither row nor entry followed: the transactions ask again.
      expect([world.tables.allRows(ANA).length, world.quarantine.entries.length]).toEqual([1, 0]);
      world.tables.fences.clear();
    }
    expect(seen).toEqual([1, 1]);
    expect(world.objectIndex.entries().map(({ key }) => world.objectStore.objects.has(key))).toEqual([
      true,
      true,
    ]);
  });

  it("puts no object under the next generation's name, and comes again", async () => {
    const world = await PipelineWorld.withRow();
    const key = "quarantine/2026/11/20/r1.json";
    await world.objectIndex.add({ user_id: ANA, key, generation: 2 });
    const again = await routeBatch([world.record({ message_id: "m!", content: LARGE })], world.routerDeps());
    expect(again).toEqual(["r1"]);
    expect([world.objectStore.objects.size, world.quarantine.entries.length]).toEqual([0, 0]);
  });
});
