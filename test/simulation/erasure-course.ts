import { DAY_MS } from "../../functions/core/domain/day.ts";
import { bury, compareDays, deliver, reappear, repair, replay, retryAll } from "./erasure-actors.ts";
import type { ErasureBug } from "./erasure-bugs.ts";
import { execute } from "./erasure-eraser.ts";
import { exportDay, readBack } from "./erasure-lake.ts";
import { checkDay, ErasureOracle } from "./erasure-oracle.ts";
import { portsOf } from "./erasure-ports.ts";
import {
  DAYS,
  ErasureWorld,
  type EventFields,
  type QueuedRecord,
  type WorldOptions,
} from "./erasure-world.ts";
import type { Run } from "./explore.ts";

/** Nights after which all that lags is mended: one removes what is not to be there, one adds what lacks. */
const NIGHTS = 2;

/** A world in which these were sent and all is well. */
export async function worldWith(
  events: readonly EventFields[],
  bug?: ErasureBug,
  options: WorldOptions = {},
): Promise<ErasureWorld> {
  const world = new ErasureWorld(bug, options);
  const records = events.map((event) => world.send(event));
  await settleAll(world, records);
  world.isQuiet = false;
  return world;
}

/** Delivers and mends whatever waits, with nothing going wrong any more. */
export async function settleAll(
  world: ErasureWorld,
  records: readonly QueuedRecord[] = world.queue,
): Promise<void> {
  const ports = portsOf(world, "end");
  for (let round = 0; ; round++) {
    if (round > 12) throw new Error("collateral: records stay in the queue");
    reappear(records);
    world.repairs.reappear();
    const waiting = records.filter(({ state }) => state === "waiting");
    for (const record of waiting) record.state = "taken";
    if (waiting.length > 0) await deliver(waiting, ports, { shouldAnalyze: true });
    if (records.some(({ state }) => state === "dead")) await bury(world, ports);
    if (world.quarantine.entries.length > 0) await retryAll(world, ports);
    if (world.repairs.isWaiting) await repair(world, ports);
    if (records.every(({ state }) => state === "gone") && !world.repairs.isWaiting) return;
  }
}

/** What still runs after everything: erasures that failed are started again, dead letters sent again. */
async function runOn(world: ErasureWorld): Promise<void> {
  world.isQuiet = true;
  world.fault = () => "none";
  await settleAll(world);
  for (const requestId of world.requestIds) {
    const isOpen = (await world.requests.read(requestId))?.status !== "completed";
    if (isOpen) await execute(world, "operator", requestId, { parts: world.parts });
  }
  await settleAll(world);
}

/** Night after night what differs is mended; then everything is made anew from the rows. */
async function passNights(world: ErasureWorld): Promise<void> {
  const ports = portsOf(world, "end");
  if (world.hasFailedOver) world.now = new Date(world.now.getTime() + DAY_MS);
  for (let night = 1; night <= NIGHTS; night++) {
    world.search.forget();
    await settleAll(world);
    await compareDays(world, ports);
  }
  await replay(world, ports);
  await settleAll(world);
}

/** Time passes; then every day is exported and becomes clean. */
async function exportAll(world: ErasureWorld): Promise<void> {
  world.completion = () => "answered";
  world.now = new Date(world.now.getTime() + 2 * DAY_MS);
  world.showAll();
  for (const day of DAYS) {
    await exportDay(world, "end", day);
    checkDay(world, day, await readBack(world, "end", day));
  }
}

/** A run with the world it is made in. */
export interface ErasureRun extends Run {
  readonly world: ErasureWorld;
}

export function runOf(world: ErasureWorld): ErasureRun {
  const oracle = new ErasureOracle(world);
  return {
    world,
    scheduler: world.scheduler,
    check: () => oracle.check(),
    async finish() {
      oracle.check();
      await runOn(world);
      oracle.checkReturned();
      await passNights(world);
      oracle.check();
      oracle.checkRows();
      oracle.checkIndex();
      await oracle.checkCache();
      if (!world.hasLake) return;
      await exportAll(world);
      oracle.check();
    },
  };
}

/** These ids are one person's. */
export async function link(
  world: ErasureWorld,
  aliases: readonly string[],
  valid_from = `${DAYS[0]}T00:00:00.000Z`,
): Promise<void> {
  for (const alias of aliases)
    await world.identities.link({ alias: world.idOf(alias), person_id: "person_1", valid_from });
}
