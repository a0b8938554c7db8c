import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { ZonedRow } from "./zoned-rows.ts";

export const byPerson = (row: LakeRow): boolean => row["role"] === "user";
export const isEscalation = (row: LakeRow): boolean => row["escalation_triggered"] === true;
export const sessionOf = (row: LakeRow): string => JSON.stringify([row.user_id, row["session_id"]]);
export const distinct = (values: readonly string[]): bigint => BigInt(new Set(values).size);
export const count = (rows: readonly LakeRow[], test: (row: LakeRow) => boolean): bigint =>
  BigInt(rows.filter(test).length);
export const weekdayOf = (date: string): number => ((new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7) + 1;

export function groupBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) groups.set(key(value), [...(groups.get(key(value)) ?? []), value]);
  return groups;
}

export function byDayAndChannel(
  rows: readonly ZonedRow[],
): { readonly date: string; readonly channel: string; readonly of: LakeRow[] }[] {
  const groups = groupBy(rows, ({ date, row }) => JSON.stringify([date, row["channel"]]));
  return [...groups].map(([key, members]) => {
    const [date, channel] = JSON.parse(key) as [string, string];
    return { date, channel, of: members.map(({ row }) => row) };
  });
}

export function wholes(rows: readonly LakeRow[], column: string): bigint[] {
  return rows.flatMap((row) => (typeof row[column] === "bigint" ? [row[column]] : []));
}

export function numbersBetween(
  rows: readonly LakeRow[],
  column: string,
  least: number,
  most: number,
): number[] {
  const numbers = rows.map((row) => row[column]);
  return numbers.filter((n): n is number => typeof n === "number" && n >= least && n <= most);
}

export function mean(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
}

/** Nearest rank: the smallest value that at least `percent` % of the values do not exceed. */
export function percentile(values: readonly bigint[], percent: number): bigint | null {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted.find((_, index) => (index + 1) * 100 >= percent * sorted.length) ?? null;
}
