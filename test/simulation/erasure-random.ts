import { ERASERS, type Eraser } from "../../functions/core/domain/personal-stores.ts";
import {
  startDeadLetters,
  startEviction,
  startFailover,
  startMinute,
  startNightly,
  startReader,
  startRefresh,
  startRepairs,
  startReplay,
  startRetry,
  startRouter,
} from "./erasure-actors.ts";
import type { ErasureBug } from "./erasure-bugs.ts";
import { link, runOf, settleAll, worldWith } from "./erasure-course.ts";
import { startErasure } from "./erasure-eraser.ts";
import { exportDay, startExporter, startFinisher } from "./erasure-lake.ts";
import { startRestore } from "./erasure-restore.ts";
import { ALIAS, ERASED, NEIGHBOUR } from "./erasure-scenarios.ts";
import { DAYS, type ErasureWorld, type EventFields } from "./erasure-world.ts";
import type { Run } from "./explore.ts";

const OTHER = "telegram:778";
/** Known as another id of the erased person only while the erasure runs. */
const LATE_ALIAS = "whatsapp:+34600";
const PEOPLE = [ERASED, ERASED, ALIAS, NEIGHBOUR, OTHER, LATE_ALIAS];
const IDS = ["m1", "m2", "m3", "m4"];
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** Everything at once, as a seed has it. */
export async function randomRun(
  random: () => number,
  bug?: ErasureBug,
): Promise<Run & { disturb(): boolean }> {
  const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const maybe = (chance: number): boolean => random() < chance;
  const texts = new Map<string, string>();

  /** The life that an event belongs to: before the first fence, before the second, and so on. */
  const event = (world: ErasureWorld, life: number, user_id: string): EventFields => {
    const message_id = one(IDS);
    const kind = maybe(0.65) ? "message" : one(["edit", "edit", "delete"] as const);
    const at = Date.parse(`${DAYS[1]}T02:30:00.000Z`) + life * HOUR_MS - HOUR_MS / 2;
    const minute = Math.floor(random() * 20);
    const receivedAt = new Date(at + minute * MINUTE_MS + world.sent.length).toISOString();
    // No two edits at one time: which of them counts is another test's.
    const millisecond = String(world.sent.length).padStart(3, "0");
    const timestamp = life === 0 ? `${DAYS[0]}T12:${10 + minute}:00.${millisecond}Z` : receivedAt;
    // The same message again says the same, whatever its time.
    const name = `${life} ${user_id} ${message_id}`;
    const canary = kind === "message" ? texts.get(name) : undefined;
    return { user_id, message_id, kind, timestamp, receivedAt, ...(canary && { canary }) };
  };
  const told = (world: ErasureWorld, life: number, user_id: string) => {
    const fields = event(world, life, user_id);
    const record = world.send(fields);
    const { canary = "" } = world.sent.at(-1) ?? {};
    if (fields.kind === "message") texts.set(`${life} ${user_id} ${fields.message_id}`, canary);
    return record;
  };

  const hasLake = maybe(0.6);
  const parts: readonly Eraser[] = hasLake ? ERASERS : ["cache", "tables", "search"];
  const world = await worldWith([], bug, { isBrief: maybe(0.3), hasLake });
  world.isQuiet = true;
  await link(world, [ERASED, ALIAS]);
  for (let count = 2 + Math.floor(random() * 6); count > 0; count--) told(world, 0, one(PEOPLE));
  if (maybe(0.8)) await settleAll(world);
  if (maybe(0.3)) world.contexts.clear();
  if (hasLake && maybe(0.6)) {
    world.showAll();
    await exportDay(world, "night before", DAYS[0]);
  }
  world.isQuiet = false;

  const actors: string[] = [];
  const named = (name: string): string => {
    actors.push(`${name} ${actors.length + 1}`);
    return actors.at(-1) as string;
  };
  const weather = maybe(0.5) ? 0 : 0.04;
  world.fault = () => (maybe(weather) ? one(["refused", "lost", "late"] as const) : "none");

  const route = (life: number, user_id: string, deliveries: number) =>
    startRouter(world, named("router"), {
      deliveries,
      shouldAnalyze: maybe(0.5),
      hasOwnMachine: maybe(0.5),
      ...(life === 0
        ? { of: [told(world, 0, user_id)] }
        : {
            later: {
              when: () => world.generationOf(user_id) > life,
              send: () => told(world, life, user_id),
            },
          }),
    });
  for (let count = 1 + Math.floor(random() * 3); count > 0; count--) route(0, one(PEOPLE), 2);
  if (maybe(0.6)) route(1, maybe(0.8) ? ERASED : ALIAS, 2);
  if (maybe(0.5)) startReader(world, named("reader"), maybe(0.8) ? ERASED : one(PEOPLE), 2);
  if (maybe(0.4)) startRepairs(world, named("repairs"), 2);
  if (maybe(0.3)) startDeadLetters(world, named("dead letters"));
  if (maybe(0.3)) startRetry(world, named("desk"));
  if (maybe(0.2)) startNightly(world, named("night"));
  if (maybe(0.2)) startReplay(world, named("replay"));
  if (maybe(0.3)) startEviction(world, "memory");
  if (maybe(0.2)) startFailover(world, "failover");
  if (maybe(0.3)) startMinute(world, "index");
  if (maybe(0.3)) startRefresh(world, "refresh");
  startErasure(world, named("eraser"), ERASED, { attempts: 2, parts });
  if (hasLake) {
    world.completion = () => (maybe(0.8) ? "answered" : one(["lost", "late"] as const));
    startExporter(world, named("exporter"), DAYS[0]);
    if (maybe(0.5)) startExporter(world, named("exporter"), one(DAYS));
    if (maybe(0.3)) startFinisher(world, named("finisher"), DAYS[0]);
  }
  if (maybe(0.2)) startRestore(world, named("restore"));
  if (maybe(0.25)) startLink(world, LATE_ALIAS);
  const isPromised = () => world.promises.has(ERASED);
  if (maybe(0.3)) {
    startHour(world, isPromised);
    startErasure(world, named("second eraser"), maybe(0.6) ? ERASED : OTHER, {
      attempts: 2,
      parts,
      when: () => isPromised() && world.now.toISOString() > `${DAYS[1]}T03`,
    });
    if (maybe(0.5)) route(2, ERASED, 1);
  }
  return {
    ...runOf(world),
    /** Now and then somebody dies in the middle of it; the queue delivers again what a router held. */
    disturb() {
      if (!maybe(0.01)) return false;
      const victim = one(actors);
      world.kill(victim);
      world.kill(`${victim}'s machine`);
      return true;
    },
  };
}

/** Somebody links another id to the person. */
function startLink(world: ErasureWorld, alias: string): void {
  world.scheduler.start(async () => {
    await world.step("linker", "links", { writes: ["links"] });
    await link(world, [alias]);
  });
}

function startHour(world: ErasureWorld, when: () => boolean): void {
  world.scheduler.start(async () => {
    await world.step("clock", "an hour passes", { writes: ["time"] }, when);
    world.nextHour();
  });
}
