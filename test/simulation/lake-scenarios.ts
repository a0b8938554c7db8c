import { shardOf } from "../../functions/core/domain/shard.ts";
import { exportDayObject } from "../../functions/core/use-cases/export-day-object.ts";
import type { Run } from "./explore.ts";
import {
  startClock,
  startExpiry,
  startExporter,
  startFinisher,
  startKiller,
  startWriter,
} from "./lake-actors.ts";
import { startEraser } from "./lake-eraser.ts";
import { Invariants } from "./lake-invariants.ts";
import { DAY, LakeWorld, SETTLE_MS } from "./lake-world.ts";
import type { PlantedBug } from "./planted-bugs.ts";

/** The person who is erased, and others: one who begins alike, one in the same shard. */
const ERASED = "web:+123";
const NEIGHBOUR = Array.from({ length: 1_000 }, (_, n) => `web:ana${n}`).find(
  (user) => shardOf(user) === shardOf(ERASED),
) as string;
const OTHERS = ["web:+1234", NEIGHBOUR] as const;

type Begin = (bug?: PlantedBug) => Promise<Run>;

/** Small schedules, to be tried in every order. */
export const SMALL: Readonly<Record<string, Begin>> = {
  "an export of a new day against an erasure": async (bug) => {
    const world = worldOf([NEIGHBOUR], bug);
    startExporter(world, "exporter", 1);
    startEraser(world, "eraser", ERASED, 2);
    return runOf(world);
  },
  "an export of a day that is in the lake against an erasure": async (bug) => {
    const world = worldOf([NEIGHBOUR], bug);
    await exported(world);
    startExporter(world, "exporter", 1);
    startEraser(world, "eraser", ERASED, 1);
    return runOf(world);
  },
  "an export that is killed and made again by another": async (bug) => {
    const world = worldOf([NEIGHBOUR], bug);
    await exported(world);
    startExporter(world, "exporter", 1);
    startKiller(world, "exporter", () => startExporter(world, "second exporter", 1));
    return runOf(world);
  },
  "two exports at once": async (bug) => {
    const world = worldOf([NEIGHBOUR], bug);
    startExporter(world, "exporter", 1);
    startExporter(world, "second exporter", 1);
    return runOf(world);
  },
  "an export, its reading back and a late row": async (bug) => {
    const world = worldOf([], bug);
    startWriter(world, "writer", ERASED, "late");
    startExporter(world, "exporter", 1, () => startFinisher(world, "finisher"));
    startClock(world, 1);
    return runOf(world);
  },
};

/** Everything at once, as a seed has it. */
export async function randomRun(
  random: () => number,
  bug?: PlantedBug,
): Promise<Run & { disturb(): boolean }> {
  const world = worldOf(OTHERS, bug);
  const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const maybe = (chance: number): boolean => random() < chance;
  if (maybe(0.5)) await exported(world);
  world.completion = () => (maybe(0.8) ? "answered" : one(["lost", "late"]));
  const exporters: string[] = [];
  const newExporter = () => {
    const actor = `exporter ${exporters.length + 1}`;
    exporters.push(actor);
    startExporter(world, actor, 6, () => startFinisher(world, `finisher after ${actor}`));
  };
  newExporter();
  if (maybe(0.6)) newExporter();
  if (maybe(0.8)) startEraser(world, "eraser", ERASED);
  if (maybe(0.2)) startEraser(world, "second eraser", OTHERS[0]);
  for (let writer = 0; writer < 3; writer++) {
    const person = one([ERASED, ...OTHERS, "web:new"]);
    if (maybe(0.6)) startWriter(world, `writer ${writer}`, person, one(["m1", "m2", "late"]));
  }
  if (maybe(0.4)) startExpiry(world, "expiry");
  startClock(world, 2);
  return {
    ...runOf(world),
    /** Now and then an exporter dies, and another one begins. */
    disturb() {
      if (exporters.length > 4 || !maybe(0.02)) return false;
      world.scheduler.crash(one(exporters));
      newExporter();
      return true;
    },
  };
}

function worldOf(others: readonly string[], bug: PlantedBug | undefined): LakeWorld {
  const world = new LakeWorld(bug);
  world.given(ERASED, "m1");
  for (const person of others) world.given(person, "m1");
  return world;
}

/** The day as a night before left it: exported, and one person's row gone from the table since. */
async function exported(world: LakeWorld): Promise<void> {
  const { lake } = world;
  await exportDayObject({ day: DAY, object: 0, objects: 1 }, lake.exportDeps());
  lake.now = new Date(lake.now.getTime() + SETTLE_MS);
  const gone = lake.rows.all().find(({ user_id }) => user_id === NEIGHBOUR);
  if (gone) lake.rows.remove(gone);
}

function runOf(world: LakeWorld): Run {
  const invariants = new Invariants(world);
  return {
    scheduler: world.scheduler,
    check: () => invariants.check(),
    finish: () => invariants.finish(),
  };
}
