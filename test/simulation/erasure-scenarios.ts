import { replayDay } from "../../functions/core/use-cases/replay-rows.ts";
import { createFakeDayReader } from "../support/fakes/fake-day-reader.ts";
import {
  startDeadLetters,
  startEviction,
  startMinute,
  startReader,
  startRepairs,
  startRetry,
  startRouter,
} from "./erasure-actors.ts";
import type { ErasureBug } from "./erasure-bugs.ts";
import { type ErasureRun, link, runOf, settleAll, worldWith } from "./erasure-course.ts";
import { startErasure } from "./erasure-eraser.ts";
import { exportDay, startExporter, startFinisher, startKiller } from "./erasure-lake.ts";
import { startRestore } from "./erasure-restore.ts";
import { DAYS, type ErasureWorld, type EventFields, type WorldOptions } from "./erasure-world.ts";

/** The person who is erased, one whose id begins alike, and another id of the erased one. */
export const ERASED = "web:+123";
export const NEIGHBOUR = "web:+1234";
export const ALIAS = "telegram:77";

type Begin = (bug?: ErasureBug, options?: WorldOptions) => Promise<ErasureRun>;

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
  "a message on its way": async (bug, options) => {
    const world = await worldWith([past("m1", { user_id: NEIGHBOUR })], bug, options);
    startRouter(world, "router", { of: [world.send(past("m1"))] });
    startErasure(world, "eraser", ERASED, { passes: 1 });
    return runOf(world);
  },
  "a message on its way under another id of the person": async (bug, options) => {
    const world = await worldWith([past("m1")], bug, options);
    await link(world, [ERASED, ALIAS]);
    startRouter(world, "router", { of: [world.send(past("m2", { user_id: ALIAS }))] });
    startErasure(world, "eraser", ERASED, { passes: 1 });
    return runOf(world);
  },
  "a message of somebody whose id begins alike": async (bug, options) => {
    const world = await worldWith([past("m1"), past("m2"), past("m3")], bug, options);
    startRouter(world, "router", { of: [world.send(past("m1", { user_id: NEIGHBOUR }))] });
    startErasure(world, "eraser", ERASED, { parts: ["tables"], passes: 1 });
    return runOf(world);
  },
  "a fill of the cache": async (bug, options) => {
    const world = await worldWith([past("m1")], bug, options);
    world.contexts.clear();
    startReader(world, "reader", ERASED);
    startEviction(world, "cache");
    startErasure(world, "eraser", ERASED, { parts: ["cache", "tables"], passes: 1 });
    return runOf(world);
  },
  "the person comes back with an id of before": async (bug, options) => {
    const world = await worldWith([past("m1"), past("m1", { kind: "edit" })], bug, options);
    const later = { when: () => world.generationOf(ERASED) > 1, send: () => world.send(present("m1")) };
    startRouter(world, "router", { later });
    startErasure(world, "eraser", ERASED, { passes: 1 });
    return runOf(world);
  },
  "an old message is delivered again": async (bug, options) => {
    const world = await worldWith([past("m1", { canary: "canary-1" })], bug, options);
    startRouter(world, "router", { of: [world.send(past("m1", { canary: "canary-1" }))] });
    startRouter(world, "second router", { of: [world.send(past("m1", { kind: "edit" }))] });
    startErasure(world, "eraser", ERASED, { parts: ["tables"], passes: 1 });
    return runOf(world);
  },
  "a message is analysed while its deletion comes": async (bug, options) => {
    const world = await worldWith([], bug, options);
    startRouter(world, "router", { of: [world.send(past("m1"))], shouldAnalyze: true });
    startRouter(world, "second router", { of: [world.send(past("m1", { kind: "delete" }))] });
    return runOf(world);
  },
  "a repair of the index, and a minute that passes": async (bug, options) => {
    const world = await worldWith([past("m1")], bug, options);
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
  "a dead letter": async (bug, options) => {
    const world = await worldWith([past("m1")], bug, options);
    world.send(past("m2")).state = "dead";
    startDeadLetters(world, "dead letters");
    startRetry(world, "desk");
    startErasure(world, "eraser", ERASED, { parts: ["tables"], passes: 1 });
    return runOf(world);
  },
  "two erasures at once": async (bug, options) => {
    const world = await worldWith([past("m1")], bug, options);
    startErasure(world, "eraser", ERASED, { parts: ["cache"], passes: 1 });
    startErasure(world, "second eraser", ERASED, { parts: ["cache"], passes: 1 });
    return runOf(world);
  },
  "a table that is restored from a backup of before": async (bug, options) => {
    const world = await worldWith([past("m1"), past("m1", { user_id: NEIGHBOUR })], bug, options);
    startRestore(world, "restore");
    startErasure(world, "eraser", ERASED, { parts: ["tables"], passes: 1 });
    return runOf(world);
  },
  "an export of a new day": async (bug) => {
    const world = await lakeWith([past("m1"), past("m1", { user_id: NEIGHBOUR })], bug);
    expire(world, ERASED);
    startExporter(world, "exporter", DAYS[0], 1);
    startErasure(world, "eraser", ERASED, { parts: ["objects"], passes: 1 });
    return runOf(world);
  },
  "an export of a new day that is killed": async (bug) => {
    const world = await lakeWith([past("m1"), past("m1", { user_id: NEIGHBOUR })], bug);
    expire(world, ERASED);
    startExporter(world, "exporter", DAYS[0], 1);
    startKiller(world, "exporter");
    startErasure(world, "eraser", ERASED, { parts: ["objects"], passes: 1 });
    return runOf(world);
  },
  "an export of a day that is in the lake": async (bug) => {
    const world = await lakeWith([past("m1"), past("m1", { user_id: NEIGHBOUR })], bug);
    await exported(world);
    expire(world, ERASED);
    startExporter(world, "exporter", DAYS[0], 1);
    startErasure(world, "eraser", ERASED, { parts: ["objects"], passes: 1 });
    return runOf(world);
  },
  "an export of a day that has a new row": async (bug) => {
    const world = await lakeWith([past("m1"), past("m1", { user_id: NEIGHBOUR })], bug);
    await exported(world);
    await settled(world, [past("m2", { user_id: NEIGHBOUR })]);
    expire(world, ERASED);
    startExporter(world, "exporter", DAYS[0], 1);
    startErasure(world, "eraser", ERASED, { parts: ["objects"], passes: 1 });
    return runOf(world);
  },
  "an export after the platform deleted a row": async (bug) => {
    const world = await lakeWith([past("m1", { user_id: NEIGHBOUR })], bug);
    await exported(world);
    await settled(world, [past("m1", { user_id: NEIGHBOUR, kind: "delete" })]);
    startExporter(world, "exporter", DAYS[0], 1);
    startFinisher(world, "finisher", DAYS[0]);
    return runOf(world);
  },
};

/** A lake whose index has caught up with these. */
async function lakeWith(events: readonly EventFields[], bug: ErasureBug | undefined): Promise<ErasureWorld> {
  const world = await worldWith([], bug, { hasLake: true });
  await settled(world, events);
  return world;
}

/** These were sent, too, and all is well. */
async function settled(world: ErasureWorld, events: readonly EventFields[]): Promise<void> {
  world.isQuiet = true;
  for (const event of events) world.send(event);
  await settleAll(world);
  world.showAll();
  world.isQuiet = false;
}

/** The day as a night before left it. */
async function exported(world: ErasureWorld): Promise<void> {
  world.isQuiet = true;
  await exportDay(world, "night before", DAYS[0]);
  world.isQuiet = false;
}

/** The table has a person's rows no more, though its index shows them still. */
function expire(world: ErasureWorld, userId: string): void {
  for (const { name } of world.tables.heldOf("rows", userId)) world.tables.removeUpTo("rows", name, 1);
}
