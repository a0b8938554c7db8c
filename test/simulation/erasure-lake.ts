import { TransientError } from "../../functions/core/domain/errors.ts";
import { lakeObjectKey } from "../../functions/core/domain/lake-keys.ts";
import type { StoresOf } from "../../functions/core/domain/personal-stores.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import type { UserRow } from "../../functions/core/domain/user-tables.ts";
import type { LakeVersions } from "../../functions/core/ports/lake-objects.ts";
import type { PersonalStore } from "../../functions/core/ports/personal-store.ts";
import { abortUploads } from "../../functions/core/use-cases/erasure/abort-uploads.ts";
import { createObjectStores } from "../../functions/core/use-cases/erasure/object-stores.ts";
import { type ExportDeps, exportDayObject } from "../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../functions/core/use-cases/finish-day.ts";
import { fakePersonObjects } from "../support/fakes/fake-person-objects.ts";
import { fakeRowRemoval } from "../support/fakes/fake-row-removal.ts";
import { seededRandom } from "../support/random.ts";
import { nothing } from "./empty-store.ts";
import { exportBug } from "./erasure-bugs.ts";
import { DRAIN_SECONDS, type ErasureWorld } from "./erasure-world.ts";
import { steppingObjects, steppingPersonObjects, steppingVersions } from "./lake-steps.ts";
import { stepping } from "./stepping.ts";

export const keyOfDay = (day: string): string => lakeObjectKey(day, 0, 1);

/** A day's rows as the table's index shows them, which lags; a reading of each shard that holds anybody is a step. */
function exportDeps(world: ErasureWorld, actor: string): ExportDeps {
  const { stepper } = world;
  const deps = exportBug(
    {
      days: world.days,
      source: world.dayRows,
      objects: world.bucket,
      files: world.files,
      ledger: world.ledger,
      people: world.people,
      keys: world.keys,
      clock: world.clock,
      newId: world.newId,
      sleep: async () => undefined,
      random: seededRandom(1),
    },
    world.bug,
  );
  return {
    ...deps,
    days: stepping(stepper, actor, deps.days),
    objects: steppingObjects(stepper, actor),
    ledger: stepping(stepper, actor, deps.ledger),
    people: stepping(stepper, actor, deps.people),
    source: {
      streams: (day, shards) =>
        shards.map(async function* (shard) {
          if (world.peopleHeld().some((user) => shardOf(user) === shard)) {
            await world.step(actor, `rows ${shard}`, { reads: ["day index", "time"] });
          }
          for (const stream of deps.source.streams(day, [shard])) yield* stream;
        }),
    },
  };
}

/** Exports a day's object. Whatever its time limit, what it does after a fence must be harmless: nobody waits for it. */
export function startExporter(world: ErasureWorld, actor: string, day: string, attempts = 3): void {
  let left = attempts;
  const deps = exportDeps(world, actor);
  world.scheduler.start(async () => {
    await world.step(actor, "begins", { reads: ["time"] });
    const work = exportDay(world, actor, day, {
      ...deps,
      sleep: async () => {
        left -= 1;
        if (left === 0) await new Promise(() => undefined);
      },
    });
    await (world.bug === PAUSED ? work : world.invocation(actor, () => work));
  });
}

const PAUSED = "exporter paused before commit and resumed after the receipt";

export async function exportDay(
  world: ErasureWorld,
  actor: string,
  day: string,
  deps = exportDeps(world, actor),
): Promise<void> {
  try {
    await exportDayObject({ day, object: 0, objects: 1 }, deps);
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
  }
}

/** Kills an actor between any two of its steps. */
export function startKiller(world: ErasureWorld, victim: string): void {
  world.scheduler.start(async () => {
    await world.step(`killer of ${victim}`, "kills", { writes: [`life of ${victim}`] });
    world.kill(victim);
  });
}

/** Reads a day back. @returns why it is not clean */
export async function readBack(world: ErasureWorld, actor: string, day: string): Promise<readonly string[]> {
  const { stepper } = world;
  const report = await finishDay(day, {
    days: stepping(stepper, actor, world.days),
    objects: steppingObjects(stepper, actor),
    files: world.files,
    people: stepping(stepper, actor, world.people),
    clock: world.clock,
    settleMs: 900_000,
    hasSideFiles: false,
  });
  return report.reasons;
}

export function startFinisher(world: ErasureWorld, actor: string, day: string): void {
  world.scheduler.start(async () => {
    await readBack(world, actor, day);
  });
}

/** `AbortUploads`, for these people. */
export async function abortLakeUploads(
  world: ErasureWorld,
  actor: string,
  targets: readonly { readonly user_id: string }[],
): Promise<void> {
  const { stepper } = world;
  if (world.bug === PAUSED) return;
  await abortUploads(targets, {
    days: stepping(stepper, actor, world.days),
    objects: steppingObjects(stepper, actor),
    versions: steppingVersions(stepper, actor),
    people: steppingPersonObjects(stepper, actor, fakePersonObjects(world.people)),
  });
}

/** The product's stores of objects; only the lake has anything in it. */
export function objectStores(
  world: ErasureWorld,
  actor: string,
  requestId: string,
): Record<StoresOf<"objects">, PersonalStore> {
  const { stepper, requests } = world;
  const versions = steppingVersions(stepper, actor);
  const stores = createObjectStores({
    people: steppingPersonObjects(stepper, actor, fakePersonObjects(world.people)),
    index: stepping(stepper, actor, world.people),
    objects: steppingObjects(stepper, actor),
    versions: versionsFor(world, versions),
    days: stepping(stepper, actor, world.days),
    rows: fakeRowRemoval(),
    userRows: () => fakeRowRemoval<UserRow>(),
    keys: world.keys,
    notes: requests.notes(requestId),
    writerLifeMs: DRAIN_SECONDS * 1000,
    newId: () => `removal-${world.newId()}`,
    sleep: async () => undefined,
    random: () => 0,
  });
  return { ...mapped(stores, () => nothing), lake: stores.lake };
}

/** What the eraser is wired to, with a bug between it and the bucket. */
function versionsFor(world: ErasureWorld, versions: LakeVersions): LakeVersions {
  if (world.bug === "every version but mine is deleted") return everyOther(world, versions);
  return world.bug === PAUSED ? { ...versions, uploads: async function* () {} } : versions;
}

/** A planted bug: what is there when the eraser has committed goes, but for the eraser's own last version. */
const everyOther = (world: ErasureWorld, versions: LakeVersions): LakeVersions => ({
  ...versions,
  async remove(listed) {
    const key = listed[0]?.key;
    if (key === undefined) return;
    const present = world.bucket.versions(key);
    const own = present.findLast(({ exportId }) => exportId.startsWith("removal-"));
    await versions.remove(
      present.filter((version) => version !== own).map(({ versionId }) => ({ key, versionId })),
    );
  },
});

const mapped = <K extends string, V>(all: Readonly<Record<K, V>>, to: (key: K) => V): Record<K, V> =>
  Object.fromEntries((Object.keys(all) as K[]).map((key) => [key, to(key)])) as Record<K, V>;
