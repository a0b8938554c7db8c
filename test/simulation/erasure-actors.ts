import type { PipelineInput, PipelineOutcomes } from "../../functions/core/contracts/pipeline.ts";
import type { StoredMessage } from "../../functions/core/domain/message.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import { analyzeStored } from "../../functions/core/use-cases/analyze-stored.ts";
import { drainDeadLetters } from "../../functions/core/use-cases/drain-dead-letters.ts";
import { indexStored } from "../../functions/core/use-cases/index-stored.ts";
import { retryQuarantined } from "../../functions/core/use-cases/quarantine-desk.ts";
import { readContext } from "../../functions/core/use-cases/read-context.ts";
import { refreshCache } from "../../functions/core/use-cases/refresh-cache.ts";
import { repairIndex } from "../../functions/core/use-cases/repair-index.ts";
import { repairShard } from "../../functions/core/use-cases/repair-shard.ts";
import { replayDay } from "../../functions/core/use-cases/replay-rows.ts";
import { routeBatch } from "../../functions/core/use-cases/route-batch.ts";
import { storeInCache } from "../../functions/core/use-cases/store-in-cache.ts";
import { createFakeDayReader } from "../support/fakes/fake-day-reader.ts";
import { portsOf } from "./erasure-ports.ts";
import { DAYS, type ErasureWorld, type QueuedRecord } from "./erasure-world.ts";

export type Ports = ReturnType<typeof portsOf>;

const QUEUE = { writes: ["queue"] };
/** Who comes back waits for the fence. */
const RECEIVE = { ...QUEUE, reads: ["ledger"] };
/** Deliveries after which a record is a dead letter. */
const MAX_RECEIVES = 3;
const MAX_BODY_BYTES = 1_000_000;

/** What a queue's consumer leaves: what failed waits again, or is a dead letter. */
function settle(taken: readonly QueuedRecord[], failed: ReadonlySet<string>): void {
  for (const record of taken) {
    if (record.state !== "taken") continue;
    if (!failed.has(record.id)) record.state = "gone";
    else record.state = record.receiveCount >= MAX_RECEIVES ? "dead" : "waiting";
  }
}

function take(records: readonly QueuedRecord[], from: QueuedRecord["state"]): QueuedRecord[] {
  const taken = records.filter(({ state }) => state === from);
  for (const record of taken) {
    record.state = "taken";
    record.receiveCount += 1;
  }
  return taken;
}

/** What killed consumers hold becomes visible again. */
export function reappear(records: readonly QueuedRecord[]): void {
  for (const record of records) {
    if (record.state === "taken") {
      record.state = record.receiveCount >= MAX_RECEIVES ? "dead" : "waiting";
    }
  }
}

/** The state machine: cache, index and analytics may fail, rows may not. */
async function runMachine(input: PipelineInput, ports: Ports): Promise<PipelineOutcomes> {
  const { messages, shouldAnalyze } = input;
  const cache = await caught(() => storeInCache({ messages }, ports.cache));
  const rows = await ports.store.store(messages).then((outcomes) => ({ outcomes }));
  const stored = { messages, stored: rows.outcomes };
  const index = await caught(() => indexStored(stored, ports));
  const analytics = shouldAnalyze ? { analytics: await caught(() => analyzeStored(stored, ports)) } : {};
  return { cache, rows, index, ...analytics };
}

const caught = <T>(state: () => Promise<T>): Promise<T | { readonly Error: string }> =>
  state().catch((error: unknown) => ({ Error: error instanceof Error ? error.name : "Error" }));

/** Delivers these records once through router and workflow. */
export async function deliver(
  taken: readonly QueuedRecord[],
  ports: Ports,
  options: { readonly shouldAnalyze: boolean; readonly machine?: Ports },
): Promise<void> {
  const failed = await routeBatch(taken, {
    ...ports,
    workflow: { run: (input) => runMachine(input, options.machine ?? ports) },
    queue: { delay: async () => undefined },
    count: () => undefined,
    report: () => undefined,
    random: () => 0,
    shouldAnalyze: options.shouldAnalyze,
    hasTimeForExecution: () => true,
  });
  settle(taken, new Set(failed));
}

/** Takes what waits in the queue and routes it, `deliveries` times. */
export function startRouter(
  world: ErasureWorld,
  actor: string,
  options: {
    readonly deliveries?: number;
    readonly shouldAnalyze?: boolean;
    readonly of?: readonly QueuedRecord[];
    /** Sent once `when` holds. */
    readonly later?: { readonly when: () => boolean; readonly send: () => QueuedRecord };
    /** Its executions go on when the router itself is killed. */
    readonly hasOwnMachine?: boolean;
  } = {},
): void {
  const { deliveries = 1, shouldAnalyze = false, of = [], later, hasOwnMachine = false } = options;
  world.scheduler.start(async () => {
    const records = [...of];
    if (later) {
      await world.step(actor, "somebody writes", RECEIVE, later.when);
      records.push(later.send());
    }
    for (let delivery = 1; delivery <= deliveries; delivery++) {
      const waits = () => records.some(({ state }) => state === "waiting");
      await world.step(actor, "receive", QUEUE, waits);
      await world.invocation(actor, async () => {
        const taken = take(records, "waiting");
        const machine = hasOwnMachine ? `${actor}'s machine` : actor;
        await deliver(taken, portsOf(world, actor), {
          shouldAnalyze,
          machine: portsOf(world, machine),
        });
      });
    }
  });
}

/** Asks for a person's recent context, as a bot does. */
export function startReader(world: ErasureWorld, actor: string, user_id: string, times = 1): void {
  world.scheduler.start(async () => {
    for (let time = 1; time <= times; time++) {
      await world.step(actor, "is asked", {});
      await world.invocation(actor, () => read(world, world.idOf(user_id), portsOf(world, actor)));
    }
  });
}

async function read(world: ErasureWorld, user_id: string, ports: Ports): Promise<void> {
  const { ledger } = ports;
  const { messages } = await readContext({ user_id, tag: world.keys.tag(user_id) }, 10, {
    ...ports,
    ledger: world.bug === "no fence in the cache fill" ? TRUSTING : ledger,
    reportCacheFailure: () => undefined,
  });
  world.answered(
    user_id,
    messages.map(({ content }) => content),
  );
}

/** A ledger that knows of no fence. */
const TRUSTING: Ports["ledger"] = { fences: async () => new Map() };

/** Mends what lags: consumes both repair queues. */
export function startRepairs(
  world: ErasureWorld,
  actor: string,
  times = 1,
  /** A planted bug: what was to be indexed comes with the repair, and nobody is asked. */
  carried?: readonly StoredMessage[],
): void {
  world.scheduler.start(async () => {
    for (let time = 1; time <= times; time++) {
      await world.step(actor, "take repairs", { writes: ["repairs"] }, () => world.repairs.isWaiting);
      const ports = portsOf(world, actor);
      const trusting = {
        ...ports,
        reader: { ...ports.reader, byKeys: async () => [...(carried ?? [])] },
        ledger: TRUSTING,
      };
      await world.invocation(actor, () => repair(world, carried ? trusting : ports));
    }
  });
}

export async function repair(world: ErasureWorld, ports: Ports): Promise<void> {
  const taken = world.repairs.take();
  const { cache, index } = taken;
  try {
    if (cache.length > 0) await refreshCache(cache, ports);
  } catch {
    await world.repairs.refreshCache(cache);
  }
  try {
    const results = index.length > 0 ? await repairIndex(index, ports) : [];
    await world.repairs.reindex(index.filter((_, position) => results[position]?.status === "failed"));
  } catch {
    await world.repairs.reindex(index);
  }
  world.repairs.finish(taken);
}

/** Keeps dead letters in quarantine. */
export function startDeadLetters(world: ErasureWorld, actor: string, times = 1): void {
  world.scheduler.start(async () => {
    for (let time = 1; time <= times; time++) {
      const waits = () => world.queue.some(({ state }) => state === "dead");
      await world.step(actor, "receive dead letters", QUEUE, waits);
      await world.invocation(actor, () => bury(world, portsOf(world, actor)));
    }
  });
}

export async function bury(world: ErasureWorld, ports: Ports): Promise<void> {
  const taken = take(world.queue, "dead");
  let failed = new Set(taken.map(({ id }) => id));
  try {
    failed = new Set(
      await drainDeadLetters(taken, { ...ports, count: () => undefined, report: () => undefined }),
    );
  } finally {
    for (const record of taken) record.state = failed.has(record.id) ? "dead" : "gone";
  }
}

/** Sends what is in quarantine again. */
export function startRetry(world: ErasureWorld, actor: string): void {
  world.scheduler.start(async () => {
    const waits = () => world.quarantine.entries.length > 0;
    await world.step(actor, "look into quarantine", { reads: ["quarantine"] }, waits);
    await world.invocation(actor, () => retryAll(world, portsOf(world, actor)));
  });
}

export async function retryAll(world: ErasureWorld, ports: Ports): Promise<void> {
  for (const { first_received_at, source_id } of [...world.quarantine.entries]) {
    const entry = await ports.quarantine.get({ first_received_at, source_id });
    if (entry === undefined) continue;
    await retryQuarantined(entry, {
      ...ports,
      maxBodyBytes: MAX_BODY_BYTES,
      publisher: {
        async publish(events) {
          for (const { body, history } of events) {
            world.enqueue(body, history?.firstReceivedAt ?? world.now.toISOString(), history?.retries);
          }
          return events.length;
        },
      },
    });
  }
}

/** Compares rows and documents of the days, and mends what differs. */
export function startNightly(world: ErasureWorld, actor: string): void {
  world.scheduler.start(async () => {
    await world.step(actor, "night falls", {});
    await world.invocation(actor, () => compareDays(world, portsOf(world, actor)));
  });
}

export async function compareDays(world: ErasureWorld, ports: Ports): Promise<void> {
  for (const day of DAYS) {
    for (const shard of new Set(world.peopleHeld().map(shardOf))) {
      await repairShard(day, shard, {
        ...ports,
        days: dayReaderOf(world),
        contexts: { compare: async (people) => ({ contexts: people.length, stale: 0 }) },
        hasTime: () => true,
        reportCacheFailure: () => undefined,
        reportUnmended: () => undefined,
      });
    }
  }
}

/** Has a day's rows indexed again and its contexts dropped. */
export function startReplay(world: ErasureWorld, actor: string): void {
  world.scheduler.start(async () => {
    await world.step(actor, "is asked for", { reads: ["rows"] });
    await world.invocation(actor, () => replay(world, portsOf(world, actor)));
  });
}

export async function replay(world: ErasureWorld, ports: Ports): Promise<void> {
  for (const day of DAYS) {
    const days = dayReaderOf(world);
    await replayDay(day, undefined, { days, repairs: ports.repairs, keys: world.keys }, () => undefined);
  }
}

/** Days as the table's index shows them. */
const dayReaderOf = (world: ErasureWorld) =>
  createFakeDayReader(world.hasLake ? { everyRow: () => world.dayRows.all() } : world.tables);

/** A minute passes: the index forgets what it removed. */
export function startMinute(world: ErasureWorld, actor: string): void {
  world.scheduler.start(async () => {
    await world.step(actor, "a minute passes", { writes: ["search"] });
    world.search.forget();
  });
}

/** The index shows what was written, as it does every second. */
export function startRefresh(world: ErasureWorld, actor: string): void {
  world.scheduler.start(async () => {
    await world.step(actor, "refreshes", { reads: ["search"], writes: ["found"] });
    await world.search.refresh();
  });
}

/** Loses cached contexts, as a full cache does. */
export function startEviction(world: ErasureWorld, actor: string): void {
  world.scheduler.start(async () => {
    await world.step(actor, "evicts", { writes: ["cache"] });
    world.contexts.clear();
  });
}

/** The cache's primary is lost, and with it what its replica had not yet. */
export function startFailover(world: ErasureWorld, actor: string): void {
  world.scheduler.start(async () => {
    await world.step(actor, "replica follows", { reads: ["cache"] });
    world.replicate();
    await world.step(actor, "fails over", { writes: ["cache"] });
    world.failOver();
  });
}
