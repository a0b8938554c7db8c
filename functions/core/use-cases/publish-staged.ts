import { createHash, randomUUID } from "node:crypto";
import type { Clock } from "../domain/clock.ts";
import { DAY_MS } from "../domain/day.ts";
import { PermanentError, TransientError } from "../domain/errors.ts";
import { VersionGoneError } from "../domain/lake-errors.ts";
import { latestRun, partsIn, stagingFolder } from "../domain/staging.ts";
import { USER_FILE_ITEM, type UserRow, type UserTable } from "../domain/user-tables.ts";
import type { LakeDays } from "../ports/lake-days.ts";
import type { LakeObjects, LakeVersion } from "../ports/lake-objects.ts";
import type { LakePeople } from "../ports/lake-people.ts";
import type { ByteSink, RandomAccessFile } from "../ports/lake-row-files.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { StagedFiles } from "../ports/staged-files.ts";
import { type FenceDeps, FenceFilter } from "./export-fence.ts";
import { LakeFile } from "./export-lake-file.ts";
import { inPages } from "./merge-pages.ts";
import { stagedRows } from "./publish-staged-files.ts";

const JOB = "daily-conversation-analytics";
const PARQUET_TYPE = "application/vnd.apache.parquet";
const MAX_ATTEMPTS = 5;
const PAUSE_MS = 200;
/** Files of a table of people. */
export interface UserFiles {
  write(rows: AsyncIterable<UserRow>, sink: ByteSink): Promise<number>;
  read(file: RandomAccessFile): AsyncIterable<UserRow>;
}

export interface PublishDeps extends FenceDeps {
  readonly days: Pick<LakeDays, "fenceSequence" | "read" | "recordUpload" | "forgetUpload" | "record">;
  readonly staged: StagedFiles;
  readonly objects: LakeObjects;
  readonly people: LakePeople;
  readonly store: Pick<ObjectStore, "put">;
  /** Where keys are: `s3://<bucket>/`. */
  readonly root: string;
  readonly clock: Clock;
  readonly filesOf: (table: UserTable) => UserFiles;
  /** Waits before an attempt is made again, ms. */
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/** What was published of one table. Counts only. */
export interface PublishReport {
  readonly table: string;
  /** `superseded`: the file there is of a later day. */
  readonly status: "published" | "superseded";
  readonly rows: number;
  /** Rows left out because their person was erased since Spark read them. */
  readonly fenced: number;
  readonly bytes: number;
}

/** An attempt that something came between. */
const OVERTAKEN = undefined;

/**
 * Publishes what the latest finished run staged of a day, as the lake's objects are published: people in the index
 * first, erased ones left out, the upload recorded while nobody is fenced, completed only if the file is as it was.
 * May be killed at any moment and run again.
 * @throws PermanentError when no run was finished; TransientError when others came between too often
 */
export async function publishStaged(
  day: string,
  tables: readonly UserTable[],
  deps: PublishDeps,
): Promise<PublishReport[]> {
  const folder = stagingFolder(JOB, day);
  const last = tables.at(-1)?.stagedFolder ?? "";
  // Spark stages the last table last.
  const staged = latestRun(folder, await deps.staged.keys(folder), `${last}/_SUCCESS`);
  if (!staged) throw new PermanentError(`lake: nothing of ${day} is staged: run the job ${JOB} for it`);
  const reports: PublishReport[] = [];
  for (const table of tables) {
    const parts = partsIn(staged.keys, `${folder}${staged.run}/${table.stagedFolder}/`);
    reports.push(await publishTable(day, table, parts, deps));
  }
  return reports;
}

async function publishTable(
  day: string,
  table: UserTable,
  parts: readonly string[],
  deps: PublishDeps,
): Promise<PublishReport> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const report = await attemptTable(day, table, parts, deps).catch((error: unknown) => {
      // An erasure replaced what was read, and removed it.
      if (error instanceof VersionGoneError) return OVERTAKEN;
      throw error;
    });
    if (report) return report;
    await deps.sleep(PAUSE_MS * 2 ** attempt);
  }
  throw new TransientError(
    `lake: publishing ${table.schema.table} was overtaken ${MAX_ATTEMPTS} times by fences or others: start it again`,
  );
}

async function attemptTable(
  day: string,
  table: UserTable,
  parts: readonly string[],
  deps: PublishDeps,
): Promise<PublishReport | undefined> {
  const files = deps.filesOf(table);
  const name = table.schema.table;
  const key = table.key(day);
  const fenceSequence = await deps.days.fenceSequence();
  const readAt = deps.clock().toISOString();
  const base = await deps.objects.head(key);
  if (base && (await isLater(day, table, deps.objects.open(key, base), files)))
    return { table: name, status: "superseded", rows: 0, fenced: 0, bytes: base.byteLength };

  const place = { day: table.place(day), item: USER_FILE_ITEM, key, contentType: PARQUET_TYPE, base };
  const file = await LakeFile.begin({ ...place, fenceSequence, exportId: randomUUID() }, deps);
  try {
    const counts = { fenced: 0 };
    const hash = createHash("sha256");
    const rows = await files.write(
      liveRows(stagedRows(parts, { ...deps, files }), file, deps, counts),
      (chunk) => {
        hash.update(chunk);
        return file.sink(chunk);
      },
    );
    await file.end();
    const content = { rows, contentHash: hash.digest("hex"), marks: {}, readAt };
    if (!(await file.commit(content))) return OVERTAKEN;
    await checkPublished(key, rows, files, deps);
    if (table.namedIn) await deps.store.put(table.namedIn, `${deps.root}${key}\n`, "text/plain");
    return { table: name, status: "published", rows, ...counts, bytes: file.bytes };
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Rows of people as they are now, each person in the index of objects before the row goes on. */
async function* liveRows(
  rows: AsyncIterable<UserRow>,
  file: LakeFile,
  deps: FenceDeps,
  counts: { fenced: number },
): AsyncGenerator<UserRow> {
  const fences = new FenceFilter(deps);
  for await (const page of inPages(rows)) {
    const isLive = await fences.isLive(page);
    for (const [index, row] of page.entries()) {
      if (!isLive[index]) {
        counts.fenced += 1;
        continue;
      }
      await file.indexer.add(row.user_id, Number(row.generation));
      yield row;
    }
  }
}

/** Whether a file tells of more days than the run of this day. */
async function isLater(
  day: string,
  { lastDay }: UserTable,
  file: RandomAccessFile,
  files: UserFiles,
): Promise<boolean> {
  if (lastDay === undefined) return false;
  for await (const row of files.read(file)) return Number(row[lastDay]) * DAY_MS > Date.parse(day);
  return false;
}

/** Reads the file back. @throws TransientError when it has not what was sent: publishing again replaces it */
async function checkPublished(
  key: string,
  rows: number,
  files: UserFiles,
  { objects }: Pick<PublishDeps, "objects">,
): Promise<void> {
  const version: LakeVersion | undefined = await objects.head(key);
  let found = 0;
  if (version) for await (const _ of files.read(objects.open(key, version))) found += 1;
  // Another run may have replaced it; then it has its own number, and its own check.
  if (found !== rows)
    throw new TransientError(`lake: ${key} has ${found} rows instead of ${rows}: publish it again`);
}
