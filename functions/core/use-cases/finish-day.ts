import type { Clock } from "../domain/clock.ts";
import { dayAfter } from "../domain/day.ts";
import { VersionGoneError } from "../domain/lake-errors.ts";
import { objectItem, shardsOf, sideFileItem } from "../domain/lake-keys.ts";
import type { LakeDay, LakeDays, LakeManifest } from "../ports/lake-days.ts";
import type { LakeObjects } from "../ports/lake-objects.ts";
import type { LakePeople } from "../ports/lake-people.ts";
import type { LakeRowFiles } from "../ports/lake-row-files.ts";
import { hashOfBytes, type ObjectReading, readObjectBack } from "./finish-day-read.ts";

export interface FinishDeps {
  readonly days: LakeDays;
  readonly objects: LakeObjects;
  readonly files: LakeRowFiles;
  readonly people: LakePeople;
  readonly clock: Clock;
  /**
   * After so long a row that was announced, or written before midnight, is in the day's index for sure: the longest
   * life of a writer plus the lag of the index. ms
   */
  readonly settleMs: number;
  /** Whether each object has a side file. */
  readonly hasSideFiles: boolean;
}

/** Whether a day of the lake equals the table, and if not, why. Counts only. */
export interface DayReport {
  readonly day: string;
  readonly state: "clean" | "dirty";
  /** Why it is not clean, in plain words; empty when it is. */
  readonly reasons: readonly string[];
  /** An export that begins at this moment or later may make it clean; where that is what is missing. ISO 8601, UTC. */
  readonly settledAt?: string;
  readonly objects: number;
  readonly rows: number;
  readonly people: number;
  readonly bytes: number;
}

/**
 * Reads a day's objects back as they were committed, compares them with what was sent, and marks the day clean where
 * nothing can have changed since its rows were read.
 * @throws TransientError | PermanentError when a store cannot be read: the day stays dirty
 */
export async function finishDay(day: string, deps: FinishDeps): Promise<DayReport> {
  const seen = await deps.days.read(day);
  const objects = seen.objects ?? 0;
  const reasons: string[] = objects === 0 ? ["it was never exported"] : [];
  const sums = { rows: 0, people: 0, bytes: 0 };
  for (let object = 0; object < objects; object++) {
    const manifest = manifestOf(seen, objectItem(object), reasons);
    if (manifest) {
      const reading = await readBack(day, manifest, shardsOf(object, objects), reasons, deps);
      sums.rows += reading?.rows ?? 0;
      sums.people += reading?.people ?? 0;
      sums.bytes += manifest.bytes;
    }
    if (deps.hasSideFiles) {
      const side = manifestOf(seen, sideFileItem(object), reasons);
      if (side) await compareBytes(side, reasons, deps);
    }
  }
  const settledAt = compareMarks(seen, deps.settleMs, reasons);
  if (reasons.length === 0 && !(await deps.days.markClean(seen))) {
    reasons.push("something of it changed while it was read back");
  }
  return {
    day,
    state: reasons.length === 0 ? "clean" : "dirty",
    reasons,
    ...(settledAt !== undefined && { settledAt }),
    objects,
    ...sums,
  };
}

function manifestOf(day: LakeDay, name: string, reasons: string[]): LakeManifest | undefined {
  const item = day.items.get(name);
  if (item?.upload) reasons.push(`an upload of ${name} was begun and not finished`);
  if (item?.manifest === undefined) reasons.push(`${name} was not exported`);
  return item?.manifest;
}

/** Reads a lake object at the version that was recorded. */
async function readBack(
  day: string,
  manifest: LakeManifest,
  shards: readonly number[],
  reasons: string[],
  deps: FinishDeps,
): Promise<ObjectReading | undefined> {
  const { key, versionId } = manifest;
  const current = await deps.objects.head(key);
  if (current?.versionId !== versionId) {
    reasons.push(`${key} is not the version that was recorded`);
    return undefined;
  }
  if (current === undefined) return undefined;
  const reading = await unlessGone(() =>
    readObjectBack(deps.files.read(deps.objects.open(key, current)), { day, key, shards }, deps.people),
  );
  if (reading === undefined) {
    reasons.push(`${key} was replaced while it was read back`);
    return undefined;
  }
  const faults: readonly (readonly [boolean, string])[] = [
    [reading.rows !== manifest.rows, `${key} holds ${reading.rows} rows, ${manifest.rows} were sent`],
    [reading.contentHash !== manifest.contentHash, `${key} holds other values than were sent`],
    [reading.unordered > 0, `${reading.unordered} rows of ${key} are out of order`],
    [reading.misplaced > 0, `${reading.misplaced} rows of ${key} belong elsewhere`],
    [
      reading.unindexed > 0,
      `${reading.unindexed} people of ${key} are not in the index of objects by person`,
    ],
  ];
  reasons.push(...faults.flatMap(([isFault, reason]) => (isFault ? [reason] : [])));
  return reading;
}

async function compareBytes(manifest: LakeManifest, reasons: string[], deps: FinishDeps): Promise<void> {
  const { key, versionId, bytes, contentHash } = manifest;
  if ((await deps.objects.head(key))?.versionId !== versionId) {
    reasons.push(`${key} is not the version that was recorded`);
    return;
  }
  if (versionId === undefined) return;
  const hash = await unlessGone(() => hashOfBytes(deps.objects.open(key, { versionId, byteLength: bytes })));
  if (hash !== contentHash) reasons.push(`${key} holds other bytes than were sent`);
}

/**
 * Rows may have come since theirs were read: a mark that moved says so; one that was young then, or a day that had
 * hardly ended, says that a row may not have been in the index yet.
 * @returns when that is over, where it was not
 */
function compareMarks(day: LakeDay, settleMs: number, reasons: string[]): string | undefined {
  const end = Date.parse(`${dayAfter(day.day)}T00:00:00.000Z`);
  let settled = 0;
  let [moved, young, early] = [0, 0, 0];
  for (let object = 0; object < (day.objects ?? 0); object++) {
    const manifest = day.items.get(objectItem(object))?.manifest;
    if (manifest === undefined) continue;
    const readAt = Date.parse(manifest.readAt);
    const shards = new Set(shardsOf(object, day.objects ?? 1));
    if (readAt < end + settleMs) {
      early += 1;
      settled = Math.max(settled, end + settleMs);
    }
    for (const { shard, mark, markedAt } of day.marks.filter((entry) => shards.has(entry.shard))) {
      const isSettled = Date.parse(markedAt) + settleMs <= readAt;
      if (manifest.marks[String(shard)] !== mark) moved += 1;
      else if (!isSettled) young += 1;
      if (!isSettled) settled = Math.max(settled, Date.parse(markedAt) + settleMs);
    }
  }
  if (moved > 0) reasons.push(`${moved} of its shards changed since their rows were read`);
  if (young > 0) reasons.push(`${young} of its shards had changed just before their rows were read`);
  if (early > 0) reasons.push("its rows were read before the day was over for long enough");
  return settled === 0 ? undefined : new Date(settled).toISOString();
}

async function unlessGone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VersionGoneError) return undefined;
    throw error;
  }
}
