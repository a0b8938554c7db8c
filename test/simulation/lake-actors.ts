import { TransientError } from "../../functions/core/domain/errors.ts";
import { liveGeneration } from "../../functions/core/domain/fence.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import { exportDayObject } from "../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../functions/core/use-cases/finish-day.ts";
import { aStoredMessage, later, tagOf } from "../support/builders.ts";
import { DAY, keyOf, type LakeWorld, SETTLE_MS } from "./lake-world.ts";
import { withBug } from "./planted-bugs.ts";
import { stepping } from "./stepping.ts";

/** Exports the day's object. @param attempts after so many it rests for ever, as one that is killed does */
export function startExporter(
  world: LakeWorld,
  actor: string,
  attempts = 6,
  next: () => void = () => undefined,
): void {
  const { scheduler, lake } = world;
  const deps = withBug(lake.exportDeps(), lake, world.bug);
  let left = attempts;
  scheduler.start(async () => {
    try {
      await exportDayObject(
        { day: DAY, object: 0, objects: 1 },
        {
          ...deps,
          days: stepping(scheduler, actor, deps.days),
          objects: world.objects(actor),
          ledger: stepping(scheduler, actor, deps.ledger),
          people: stepping(scheduler, actor, deps.people),
          source: {
            streams: (day, shards) =>
              shards.map(async function* (shard) {
                // Nobody in the scenario writes to the other shards.
                if (world.shards.has(shard)) {
                  await scheduler.step({
                    actor,
                    name: `rows ${shard}`,
                    footprint: { reads: [`rows ${shard}`] },
                  });
                }
                for (const stream of deps.source.streams(day, [shard])) yield* stream;
              }),
          },
          sleep: async () => {
            left -= 1;
            if (left === 0) await new Promise(() => undefined);
          },
        },
      );
    } catch (error) {
      // What the workflow starts again later.
      if (!(error instanceof TransientError)) throw error;
    }
    next();
  });
}

/** Reads the day back and marks it clean where it is. */
export function startFinisher(world: LakeWorld, actor: string): void {
  const { scheduler, lake } = world;
  const deps = lake.finishDeps(world.bug === "clean without settling" ? 0 : SETTLE_MS);
  scheduler.start(() =>
    finishDay(DAY, {
      ...deps,
      days: stepping(scheduler, actor, deps.days),
      objects: world.objects(actor),
      people: stepping(scheduler, actor, deps.people),
    }),
  );
}

/**
 * Writes a row to the day that is over, or the next revision of one: the fence is asked, the mark bumped, the row
 * written where the fence still is what it was, and a while later the day's index shows it.
 */
export function startWriter(world: LakeWorld, actor: string, user_id: string, message_id: string): void {
  const { scheduler, lake } = world;
  const tag = tagOf(user_id);
  world.shards.add(shardOf(user_id));
  const step = (name: string, footprint: { reads?: string[]; writes?: string[] }) =>
    scheduler.step({ actor, name, footprint });
  scheduler.start(async () => {
    await step("ask the fence", { reads: ["ledger"], writes: ["announced"] });
    const generation = liveGeneration(lake.fences.get(tag));
    world.unsettled += 1;
    const bump = async () => {
      await step("mark", { reads: ["time"], writes: ["marks", "state", "announced"] });
      await lake.days.bump(DAY, shardOf(user_id));
    };
    if (world.bug !== "mark after the row") await bump();
    await step("write", { reads: ["ledger"], writes: ["table", "announced"] });
    const fresh = aStoredMessage({
      user_id,
      message_id,
      timestamp: later(0, `${DAY}T12:00:00.000Z`),
      generation,
    });
    const before = world.written.get(keyOf(fresh));
    if (liveGeneration(lake.fences.get(tag)) === generation) {
      const revision = before?.generation === generation ? before.revision + 1 : 1;
      const row = { ...fresh, revision, content: `${actor} wrote revision ${revision}` };
      world.written.set(keyOf(row), row);
      await step("index shows it", { reads: ["ledger"], writes: [`rows ${shardOf(user_id)}`, "announced"] });
      // By then an erasure may have removed it, or somebody written it again.
      const now = world.written.get(keyOf(row));
      if (now && now.generation >= liveGeneration(lake.fences.get(tag))) lake.rows.put(now);
    }
    if (world.bug === "mark after the row") await bump();
    world.unsettled -= 1;
  });
}

/** Lets time pass, once what was announced is in the index. */
export function startClock(world: LakeWorld, ticks: number): void {
  const { scheduler, lake } = world;
  scheduler.start(async () => {
    for (let tick = 1; tick <= ticks; tick++) {
      await scheduler.step({
        actor: "clock",
        name: `tick ${tick}`,
        footprint: { reads: ["announced"], writes: ["time"] },
        isEnabled: () => world.unsettled === 0,
      });
      lake.now = new Date(lake.now.getTime() + SETTLE_MS);
    }
  });
}

/** Removes rows whose time in the table is over; as in life, only long after the day was exported. */
export function startExpiry(world: LakeWorld, actor: string): void {
  const { scheduler, lake } = world;
  scheduler.start(async () => {
    await scheduler.step({
      actor,
      name: "rows expire",
      footprint: { reads: ["state"], writes: [...world.shards].map((shard) => `rows ${shard}`) },
      isEnabled: () => lake.days.isClean(DAY) && world.unsettled === 0,
    });
    for (const row of lake.rows.all()) lake.rows.remove(row);
  });
}

/** Kills an actor between any two of its steps, once, and begins what comes after it. */
export function startKiller(world: LakeWorld, victim: string, next: () => void): void {
  const { scheduler } = world;
  scheduler.start(async () => {
    await scheduler.step({ actor: victim, name: "is killed", footprint: { writes: [`life of ${victim}`] } });
    scheduler.crash(victim);
    next();
  });
}
