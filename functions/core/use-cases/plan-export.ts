import type { Clock } from "../domain/clock.ts";
import { PermanentError } from "../domain/errors.ts";
import type { LakeDays } from "../ports/lake-days.ts";
import type { LakeRowTable } from "../ports/lake-row-source.ts";

/**
 * Which days to export. `nightly`: yesterday, every dirty day and every day that was left out.
 * `dirty`: every dirty day. Otherwise the days from `from` to `to` (`YYYY-MM-DD`, both included; `to` absent: one day).
 */
export interface PlanInput {
  readonly nightly?: boolean;
  readonly dirty?: boolean;
  readonly from?: string;
  readonly to?: string;
}

export interface PlanDeps {
  readonly days: LakeDays;
  readonly rows: Pick<LakeRowTable, "keys">;
  readonly clock: Clock;
  /** Objects of a day that has none yet: 1, 2, 4, 8 or 16. */
  readonly objects: number;
}

export interface ExportPlan {
  /** In order; `objects` is how many objects the day has. */
  readonly days: readonly { readonly day: string; readonly objects: number }[];
  /** Days older than two that are dirty or were never exported. */
  readonly unexportedDays: number;
}

/**
 * Decides which days are exported; changes nothing.
 * @throws InvalidMessageError naming the field when the input is no plan; TransientError | PermanentError
 */
export async function planExport(_input: PlanInput, deps: PlanDeps): Promise<ExportPlan> {
  await deps.days.dirtyDays();
  throw new PermanentError("lake: planning is not there yet");
}
