import { lakeObjectKey, objectItem, shardsOf, sideFileItem } from "../domain/lake-keys.ts";
import type { LakeDay, LakeDays, LakeManifest } from "../ports/lake-days.ts";
import type { LakeObjects, LakeVersion } from "../ports/lake-objects.ts";
import { hashOfBytes } from "./finish-day-read.ts";
import { daysBetween } from "./plan-export.ts";
import { type DayDifference, Differences } from "./verify-differences.ts";
import { compareRows, type RowComparisonDeps } from "./verify-rows.ts";

export interface VerifyDeps extends RowComparisonDeps {
  readonly days: LakeDays;
  readonly objects: LakeObjects;
}

export interface DayVerification {
  readonly day: string;
  readonly state: LakeDay["state"];
  /** Rows in the table (expired ones that are still there too) and in the lake. */
  readonly rows: number;
  readonly lakeRows: number;
  /** Empty where all are equal. */
  readonly differences: readonly DayDifference[];
}

/**
 * Compares the table's rows, read strongly, with the lake's and these with the manifests, for each day from `from` to
 * `to` (`YYYY-MM-DD`, both included). Changes nothing; memory does not grow with the day. The table's rows are found by
 * the day's index and by the lake: a row that neither has is not seen.
 * @throws InvalidMessageError naming the date that is none; TransientError | PermanentError
 */
export async function* verifyDays(
  from: string,
  to: string,
  deps: VerifyDeps,
): AsyncGenerator<DayVerification> {
  for (const day of daysBetween(from, to, deps.clock())) yield await verifyDay(day, deps);
}

async function verifyDay(day: string, deps: VerifyDeps): Promise<DayVerification> {
  const recorded = await deps.days.read(day);
  const objects = recorded.objects ?? 1;
  const differences = new Differences();
  let [rows, lakeRows] = [0, 0];
  for (let object = 0; object < objects; object++) {
    const key = lakeObjectKey(day, object, objects);
    const manifest = manifestOf(recorded, objectItem(object), differences);
    const current = await deps.objects.head(key);
    compareVersions(key, manifest, current, differences);
    const place = { day, key, shards: shardsOf(object, objects) };
    const reading = await compareRows(place, current, differences, deps);
    rows += reading.rows;
    lakeRows += reading.lakeRows;
    if (manifest && current && manifest.versionId === current.versionId) {
      if (manifest.rows !== reading.lakeRows) differences.add("other-rows", key);
      if (manifest.contentHash !== reading.contentHash) differences.add("other-content", key);
    }
    if (!manifest && (current || reading.rows > 0)) differences.add("unrecorded", key);
    const side = manifestOf(recorded, sideFileItem(object), differences);
    if (side) await compareSideFile(side, differences, deps);
  }
  return { day, state: recorded.state, rows, lakeRows, differences: differences.list() };
}

function manifestOf(day: LakeDay, name: string, differences: Differences): LakeManifest | undefined {
  const item = day.items.get(name);
  if (item?.upload) differences.add("pending-upload", item.upload.key);
  return item?.manifest;
}

function compareVersions(
  key: string,
  manifest: LakeManifest | undefined,
  current: LakeVersion | undefined,
  differences: Differences,
): void {
  if (manifest === undefined || manifest.versionId === current?.versionId) return;
  differences.add(current ? "other-version" : "object-missing", key);
}

async function compareSideFile(
  manifest: LakeManifest,
  differences: Differences,
  { objects }: VerifyDeps,
): Promise<void> {
  const { key, contentHash, versionId } = manifest;
  const current = await objects.head(key);
  compareVersions(key, manifest, current, differences);
  if (current === undefined || current.versionId !== versionId) return;
  if ((await hashOfBytes(objects.open(key, current))) !== contentHash) differences.add("other-content", key);
}
