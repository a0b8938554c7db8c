import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { Clock } from "../domain/clock.ts";
import { PermanentError, TransientError } from "../domain/errors.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import { VersionGoneError } from "../domain/lake-errors.ts";
import { LakeRowsHash } from "../domain/lake-hash.ts";
import { checkObject, lakeObjectKey, objectItem, shardsOf, sideFileItem } from "../domain/lake-keys.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { LakeDays } from "../ports/lake-days.ts";
import type { LakeObjects } from "../ports/lake-objects.ts";
import type { LakePeople } from "../ports/lake-people.ts";
import type { LakeRowFiles, RandomAccessFile } from "../ports/lake-row-files.ts";
import type { LakeRowSource } from "../ports/lake-row-source.ts";
import type { LakeSideFiles } from "../ports/lake-side-file.ts";
import { type AttemptBase, type WrittenFiles, writeDayFiles } from "./export-day-files.ts";
import { FenceFilter } from "./export-fence.ts";
import { type ExportCounts, livePages } from "./export-live-rows.ts";
import { inPages, startingWith } from "./merge-pages.ts";
import { mergeRows } from "./merge-rows.ts";

/** One object of a UTC day (`YYYY-MM-DD`). */
export interface ExportInput {
  readonly day: string;
  /** 0 to `objects` - 1 */
  readonly object: number;
  /** How many objects the day has: 1, 2, 4, 8 or 16, for ever. */
  readonly objects: number;
}

export interface ExportDeps {
  readonly days: LakeDays;
  /** What the lake is brought up to: the day's index, or staged files. */
  readonly source: LakeRowSource;
  readonly objects: LakeObjects;
  readonly files: LakeRowFiles;
  readonly ledger: ErasureLedger;
  readonly people: LakePeople;
  readonly keys: Pick<KeyChain, "tag">;
  readonly clock: Clock;
  /** A second file from the same pass; absent: none. */
  readonly sideFiles?: LakeSideFiles;
  /** @default a random UUID */
  readonly newId?: () => string;
  /** Waits before an attempt is made again, ms. @default a timer */
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
  /** Jitter, 0 to 1. @default Math.random */
  readonly random?: () => number;
}

/** What one export of an object did. Counts only. */
export interface ExportReport extends ExportInput {
  /** `empty`: the day's part has no rows and no object is needed. */
  readonly status: "written" | "empty";
  /** Rows in the object. */
  readonly rows: number;
  /** Of them: not in the object before; at a higher revision than before; as before. */
  readonly added: number;
  readonly updated: number;
  readonly kept: number;
  /** Rows left out because their person was erased. */
  readonly fenced: number;
  /** Distinct people in the object. */
  readonly people: number;
  /** Entries written to the index of objects by person. */
  readonly indexed: number;
  readonly bytes: number;
  /** Tries until it was committed, 1 where nothing came between. */
  readonly attempts: number;
  readonly sideFile?: { readonly records: number; readonly bytes: number };
}

/** Tries of one export before it is left to whoever started it. */
const MAX_ATTEMPTS = 6;
const PAUSE_MS = 200;

/**
 * Brings one object of a day up to what the rows say, and records it. May be killed at any moment and run again, by
 * several at once; ends right.
 * @throws TransientError when others came between too often, or a store cannot be reached; PermanentError
 */
export async function exportDayObject(input: ExportInput, deps: ExportDeps): Promise<ExportReport> {
  const { day, object, objects } = input;
  checkObject(object, objects);
  const { sleep = setTimeout, random = Math.random } = deps;
  await deps.days.open(day, objects);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const result = await attemptExport(input, deps);
    if (result) return { day, object, objects, ...result, attempts: attempt };
    // Two exporters that stop each other's uploads must not keep in step.
    await sleep(random() * PAUSE_MS * 2 ** attempt);
  }
  throw new TransientError(
    `lake: the export of ${day} was overtaken ${MAX_ATTEMPTS} times by fences or other exports: start it again`,
  );
}

type Attempt = Pick<ExportReport, "status"> & WrittenFiles & ExportCounts;

/** One try from the beginning; `undefined` when something came between. */
async function attemptExport(input: ExportInput, deps: ExportDeps): Promise<Attempt | undefined> {
  const attempt = await beginAttempt(input, deps);
  const { key, base } = attempt;
  const counts: ExportCounts = { added: 0, updated: 0, kept: 0, fenced: 0 };
  const old = base && new PinnedFile(deps.objects.open(key, base));
  const merged = mergeRows(
    inPages(old ? deps.files.read(old) : NO_ROWS),
    deps.source.streams(input.day, shardsOf(input.object, input.objects)),
  );
  const pages = livePages(merged, new FenceFilter(deps), counts);
  try {
    const first = await pages.next();
    if (first.done && !base && !attempt.sideBase) {
      return (await recordEmpty(attempt, deps)) ? { status: "empty", ...NOTHING, ...counts } : undefined;
    }
    const written = await writeDayFiles(startingWith(first, pages), attempt, deps);
    return written && { status: "written", ...written, ...counts };
  } catch (error) {
    if (old?.isGone) return undefined;
    throw error;
  } finally {
    await pages.return(undefined);
  }
}

/**
 * Reads, in this order, the number of fences, the marks and the versions that are replaced: whatever changes after is
 * met by the commit's conditions, or shows as a mark that moved.
 */
async function beginAttempt(input: ExportInput, deps: ExportDeps): Promise<AttemptBase & { key: string }> {
  const { day, object, objects } = input;
  const fenceSequence = await deps.days.fenceSequence();
  const readAt = (await deps.source.takenAt?.(day)) ?? deps.clock().toISOString();
  const recorded = await deps.days.read(day);
  const shards = new Set(shardsOf(object, objects));
  const marks = recorded.marks.filter(({ shard }) => shards.has(shard));
  const key = lakeObjectKey(day, object, objects);
  const base = await deps.objects.head(key);
  if (base === undefined && recorded.items.get(objectItem(object))?.manifest?.versionId !== undefined) {
    throw new PermanentError(
      `lake: ${key} was recorded but is not in the bucket: restore its last version, or rows older than the table's are lost`,
    );
  }
  return {
    ...input,
    key,
    fenceSequence,
    readAt,
    marks: Object.fromEntries(marks.map(({ shard, mark }) => [String(shard), mark])),
    base,
    sideBase: deps.sideFiles && (await deps.objects.head(deps.sideFiles.key(day, object, objects))),
    exportId: (deps.newId ?? randomUUID)(),
  };
}

const NO_ROWS: AsyncIterable<LakeRow> = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: undefined }) }),
};
const NOTHING = { rows: 0, people: 0, indexed: 0, bytes: 0 } as const;

/** Records that there is nothing to hold and no object. @returns false when somebody else is about to commit one */
async function recordEmpty(attempt: AttemptBase, deps: ExportDeps): Promise<boolean> {
  const { day, object, objects, exportId, marks, readAt } = attempt;
  const places = [
    {
      item: objectItem(object),
      key: lakeObjectKey(day, object, objects),
      contentHash: new LakeRowsHash().digest(),
    },
    ...(deps.sideFiles
      ? [{ item: sideFileItem(object), key: deps.sideFiles.key(day, object, objects), contentHash: "" }]
      : []),
  ];
  const recorded = await deps.days.read(day);
  for (const { item, key, contentHash } of places) {
    const foreign = recorded.items.get(item)?.upload;
    if (foreign) {
      await deps.objects.abort(foreign);
      if (await deps.objects.head(key)) return false;
      await deps.days.forgetUpload(day, item, foreign);
    }
    const manifest = { key, exportId, rows: 0, bytes: 0, contentHash, marks, readAt };
    if (!(await deps.days.record({ day, item, upload: undefined, manifest }))) return false;
  }
  return true;
}

/** One version's bytes, which remembers that the version was removed, whatever its reader makes of the error. */
class PinnedFile implements RandomAccessFile {
  readonly #file: RandomAccessFile;
  isGone = false;

  constructor(file: RandomAccessFile) {
    this.#file = file;
  }

  get byteLength(): number {
    return this.#file.byteLength;
  }

  async slice(start: number, end?: number): Promise<ArrayBuffer> {
    try {
      return await this.#file.slice(start, end);
    } catch (error) {
      this.isGone ||= error instanceof VersionGoneError;
      throw error;
    }
  }
}
