import { replayDay } from "../../functions/core/use-cases/replay-rows.ts";
import { createFakeDayReader } from "../support/fakes/fake-day-reader.ts";
import {
  bury,
  compareDays,
  deliver,
  reappear,
  repair,
  replay,
  retryAll,
  startDeadLetters,
  startEviction,
  startMinute,
  startReader,
  startRepairs,
  startRetry,
  startRouter,
} from "./erasure-actors.ts";
import type { ErasureBug } from "./erasure-bugs.ts";
import { startErasure } from "./erasure-eraser.ts";
import { ErasureOracle } from "./erasure-oracle.ts";
import { portsOf } from "./erasure-ports.ts";
import {
  DAYS,
  ErasureWorld,
  type EventFields,
  type QueuedRecord,
  type WorldOptions,
} from "./erasure-world.ts";
import type { Run } from "./explore.ts";

/** The person who is erased, one whose id begins alike, and another id of the erased one. */
export const ERASED = "web:+123";
export const NEIGHBOUR = "web:+1234";
export const ALIAS = "telegram:77";

type Begin = (bug?: ErasureBug) => Promise<Run>;

const OLD = `${DAYS[0]}T12:00:00.000Z`;

/** An event from before the fence, as it came late or was delivered again. */
const past = (message_id: string, over: Partial<EventFields> = {}): EventFields => ({
  user_id: ERASED,
  message_id,
  timestamp: OLD,
  receivedAt: `${DAYS[1]}T02:29:00.000Z`,
  ...over,
});

/** An event from after the fence. */
const present = (message_id: string, over: Partial<EventFields> = {}): EventFields => ({
  user_id: ERASED,
  message_id,
  timestamp: `${DAYS[1]}T02:31:00.000Z`,
  receivedAt: `${DAYS[1]}T02:31:00.000Z`,
  ...over,
});

/** Small schedules, to be tried in every order. */
export const SMALL: Readonly<Record<string, Begin>> = {
  "a message on its way": async (bug) => {
    const world = await worldWith([past("m1", { user_id: NEIGHBOUR })], bug);
    startRouter(world, "router", { of: [world.send(past("m1"))] });
    startErasure(world, "eraser", ERASED, { passes: 1 });
    return runOf(world);
  },
  "a message on its way under another id of the person": async (bug) => {
    const world = await worldWith([past("m1")], bug);
    startRouter(world, "router", { of: [world.send(past("m2", { user_id: ALIAS }))] });
    startErasure(world, "eraser", ERASED, { passes: 1, aliases: [ALIAS] });
    return runOf(world);
  },
  "a message of somebody whose id begins alike": async (bug) => {
    const world = await worldWith([past("m1"), past("m2"), past("m3")], bug);
    startRouter(world, "router", { of: [world.send(past("m1", { user_id: NEIGHBOUR }))] });
    startErasure(world, "eraser", ERASED, { parts: ["tables"], passes: 1 });
    return runOf(world);
  },
  "a fill of the cache": async (bug) => {
    const world = await worldWith([past("m1")], bug);
    world.contexts.clear();
    startReader(world, "reader", ERASED);
    startEviction(world, "cache");
    startErasure(world, "eraser", ERASED, { parts: ["cache", "tables"], passes: 1 });
    return runOf(world);
  },
  "the person comes back with an id of before": async (bug) => {
    const world = await worldWith([past("m1"), past("m1", { kind: "edit" })], bug);
    const back = world.send(present("m1"));
    startRouter(world, "router", { of: [back], when: () => world.generationOf(ERASED) > 1 });
    startErasure(world, "eraser", ERASED, { passes: 1 });
    return runOf(world);
  },
  "an old message is delivered again": async (bug) => {
    const world = await worldWith([past("m1", { canary: "canary-1" })], bug);
    startRouter(world, "router", { of: [world.send(past("m1", { canary: "canary-1" }))] });
    startRouter(world, "second router", { of: [world.send(past("m1", { kind: "edit" }))] });
    startErasure(world, "eraser", ERASED, { parts: ["tables"], passes: 1 });
    return runOf(world);
  },
  "a message is analysed while its deletion comes": async (bug) => {
    const world = await worldWith([], bug);
    startRouter(world, "router", { of: [world.send(past("m1"))], shouldAnalyze: true });
    startRouter(world, "second router", { of: [world.send(past("m1", { kind: "delete" }))] });
    return runOf(world);
  },
  "a repair of the index, and a minute that passes": async (bug) => {
    const world = await worldWith([past("m1")], bug);
    const rows = world.tables.everyRow();
    const days = createFakeDayReader(world.tables);
    await replayDay(DAYS[0], ERASED, { days, repairs: world.repairs, keys: world.keys }, () => undefined);
    startRepairs(
      world,
      "repairs",
      1,
      bug === "tombstone inside OpenSearch as the only fence" ? rows : undefined,
    );
    startMinute(world, "index");
    startErasure(world, "eraser", ERASED, { parts: ["tables", "search"], passes: 1 });
    return runOf(world);
  },
  "a dead letter": async (bug) => {
    const world = await worldWith([past("m1")], bug);
    world.send(past("m2")).state = "dead";
    startDeadLetters(world, "dead letters");
    startRetry(world, "desk");
    startErasure(world, "eraser", ERASED, { parts: ["tables"], passes: 1 });
    return runOf(world);
  },
  "two erasures at once": async (bug) => {
    const world = await worldWith([past("m1")], bug);
    startErasure(world, "eraser", ERASED, { parts: ["tables", "cache"], passes: 1 });
    startErasure(world, "second eraser", ERASED, { parts: ["tables", "cache"], passes: 1 });
    startRouter(world, "router", { of: [world.send(past("m2"))] });
    return runOf(world);
  },
};

/** A world in which these were sent and all is well. */
export async function worldWith(
  events: readonly EventFields[],
  bug?: ErasureBug,
  options: WorldOptions = {},
): Promise<ErasureWorld> {
  const world = new ErasureWorld(bug, options);
  const records = events.map((event) => world.send(event));
  await quietly(world, () => settleAll(world, records));
  return world;
}

/** Carries out work whose steps nobody else comes between. */
async function quietly(world: ErasureWorld, work: () => Promise<void>): Promise<void> {
  let isDone = false;
  const failed: unknown[] = [];
  const { scheduler } = world;
  work()
    .catch((error: unknown) => failed.push(error))
    .finally(() => {
      isDone = true;
    });
  for (;;) {
    const [next] = await scheduler.choices();
    if (next === undefined || isDone) break;
    scheduler.make(next);
  }
  if (failed.length > 0) throw failed[0];
  if (!isDone) throw new Error("nothing goes on");
  scheduler.trace.length = 0;
}

/** Delivers and mends whatever waits, with nothing going wrong any more. */
async function settleAll(world: ErasureWorld, records: readonly QueuedRecord[] = world.queue): Promise<void> {
  const ports = portsOf(world, "end");
  for (let round = 0; ; round++) {
    if (round > 12) throw new Error("collateral: records stay in the queue");
    reappear(records);
    const waiting = records.filter(({ state }) => state === "waiting");
    for (const record of waiting) record.state = "taken";
    if (waiting.length > 0) await deliver(waiting, ports, { shouldAnalyze: true });
    if (records.some(({ state }) => state === "dead")) await bury(world, ports);
    if (world.quarantine.entries.length > 0) await retryAll(world, ports);
    if (world.repairs.isWaiting) await repair(world, ports);
    if (records.every(({ state }) => state === "gone") && !world.repairs.isWaiting) return;
  }
}

/** What still runs after everything: dead letters, repairs, replays, the nightly comparison, twice. */
async function runOn(world: ErasureWorld): Promise<void> {
  await settleAll(world);
  const ports = portsOf(world, "end");
  for (let night = 1; night <= 2; night++) {
    world.search.forget();
    await replay(world, ports);
    await settleAll(world);
    await compareDays(world, ports);
  }
}

export function runOf(world: ErasureWorld): Run {
  const oracle = new ErasureOracle(world);
  return {
    scheduler: world.scheduler,
    check: () => oracle.check(),
    async finish() {
      oracle.check();
      await quietly(world, () => runOn(world));
      oracle.check();
      oracle.checkRows();
      await oracle.checkCopies();
    },
  };
}
