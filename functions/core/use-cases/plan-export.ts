import type { Clock } from "../domain/clock.ts";
import { DAY_MS, dayBefore, daysFrom, isDay } from "../domain/day.ts";
import { InvalidMessageError } from "../domain/errors.ts";
import { SHARDS } from "../domain/shard.ts";
import type { LakeDay, LakeDays } from "../ports/lake-days.ts";
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

/** How far back rows may still be in the table: 30 days, the hours until DynamoDB deletes them, and a day more. */
const LOOK_BACK_DAYS = 33;
/** A day that is older than so many is late. */
const LATE_DAYS = 2;
/** Days that one plan takes: what one input of the workflow holds, and what a table keeps. */
const MAX_DAYS = 400;

/**
 * Decides which days are exported; changes nothing.
 * @throws InvalidMessageError naming the field when the input is no plan; TransientError | PermanentError
 */
export async function planExport(input: PlanInput, deps: PlanDeps): Promise<ExportPlan> {
  const wanted = wantedDays(input, deps.clock());
  const today = dayBefore(deps.clock(), 0);
  const dirty = (await deps.days.dirtyDays()).filter((day) => day <= today);
  const missing = await missingDays(deps);
  const days =
    wanted === "dirty"
      ? dirty
      : wanted === "nightly"
        ? [...new Set([...dirty, ...missing, dayBefore(deps.clock(), 1)])].sort()
        : wanted;
  const planned = [];
  for (const day of days) {
    planned.push({ day, objects: (await deps.days.read(day)).objects ?? deps.objects });
  }
  return { days: planned, unexportedDays: await countLate(dirty, missing, deps) };
}

/** @throws InvalidMessageError */
function wantedDays(input: PlanInput, now: Date): "nightly" | "dirty" | readonly string[] {
  const { nightly = false, dirty = false, from, to = from } = input;
  const given = [nightly, dirty, from !== undefined || to !== undefined].filter(Boolean).length;
  if (given !== 1) throw new InvalidMessageError("from", "say one of nightly, dirty, or from and to");
  if (nightly) return "nightly";
  if (dirty) return "dirty";
  return daysBetween(from, to, now);
}

/**
 * The days from one to another, both included.
 * @throws InvalidMessageError naming the one that is no day of the calendar, or is not over, or the range that is none
 */
export function daysBetween(from: string | undefined, to: string | undefined, now: Date): string[] {
  const checked = (name: string, day: string | undefined): string => {
    if (day === undefined || !isDay(day)) {
      throw new InvalidMessageError(name, `${name} must be a day of the calendar, YYYY-MM-DD`);
    }
    if (day > dayBefore(now, 0)) throw new InvalidMessageError(name, `${name} has not begun yet (UTC)`);
    return day;
  };
  const [first, last] = [checked("from", from), checked("to", to)];
  if (first > last) throw new InvalidMessageError("to", "to must not be before from");
  const days = daysFrom(first, last);
  if (days.length > MAX_DAYS) throw new InvalidMessageError("to", `say ${MAX_DAYS} days at most`);
  return days;
}

/**
 * Days whose rows may still be in the table and that were never exported: those after the first that was, and those
 * before it that have rows, as when the first nights of a stage failed.
 */
async function missingDays({ days, rows, clock }: PlanDeps): Promise<string[]> {
  const recent = daysFrom(dayBefore(clock(), LOOK_BACK_DAYS), dayBefore(clock(), 1));
  const recorded = await days.recordedDays(recent);
  const first = recent.find((day) => recorded.has(day)) ?? "9999-12-31";
  const missing = [];
  for (const day of recent.filter((day) => !recorded.has(day))) {
    if (day > first || (await hasRows(day, rows))) missing.push(day);
  }
  return missing;
}

async function hasRows(day: string, rows: PlanDeps["rows"]): Promise<boolean> {
  const found = await Promise.all(
    Array.from({ length: SHARDS }, async (_, shard) => {
      for await (const page of rows.keys(day, shard)) if (page.length > 0) return true;
      return false;
    }),
  );
  return found.includes(true);
}

/** A day that was clean until somebody wrote to it within two days is not late yet: tonight's export is its first. */
async function countLate(
  dirty: readonly string[],
  missing: readonly string[],
  deps: PlanDeps,
): Promise<number> {
  const [lastLate, since] = [dayBefore(deps.clock(), LATE_DAYS + 1), lateMoment(deps.clock())];
  const late = new Set(missing.filter((day) => day <= lastLate));
  for (const day of dirty.filter((day) => day <= lastLate)) {
    if (isLate(await deps.days.read(day), since)) late.add(day);
  }
  return late.size;
}

const lateMoment = (now: Date): string => new Date(now.getTime() - LATE_DAYS * DAY_MS).toISOString();

const isLate = ({ state, marks }: LakeDay, since: string): boolean =>
  state === "dirty" || marks.some(({ isDirty, markedAt }) => isDirty && markedAt <= since);
