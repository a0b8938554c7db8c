import type { Clock } from "../domain/clock.ts";
import { PermanentError } from "../domain/errors.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { LakeDays } from "../ports/lake-days.ts";
import type { LakeObjects } from "../ports/lake-objects.ts";
import type { LakePeople } from "../ports/lake-people.ts";
import type { LakeRowFiles } from "../ports/lake-row-files.ts";
import type { LakeRowSource } from "../ports/lake-row-source.ts";
import type { LakeSideFiles } from "../ports/lake-side-file.ts";

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

/**
 * Brings one object of a day up to what the rows say, and records it. May be killed at any moment and run again, by
 * several at once; ends right.
 * @throws TransientError when others came between too often, or a store cannot be reached; PermanentError
 */
export async function exportDayObject(input: ExportInput, deps: ExportDeps): Promise<ExportReport> {
  await deps.days.open(input.day, input.objects);
  throw new PermanentError("lake: the export is not there yet");
}
