import type { Clock } from "../domain/clock.ts";
import { PermanentError } from "../domain/errors.ts";
import type { LakeDays } from "../ports/lake-days.ts";
import type { LakeObjects } from "../ports/lake-objects.ts";
import type { LakePeople } from "../ports/lake-people.ts";
import type { LakeRowFiles } from "../ports/lake-row-files.ts";

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
  await deps.days.read(day);
  throw new PermanentError("lake: finishing is not there yet");
}
