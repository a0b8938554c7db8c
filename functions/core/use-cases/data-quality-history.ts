import { dayBefore } from "../domain/day.ts";
import { dailyMetricsKey, dataQualityKey } from "../domain/metric-keys.ts";
import { fromJsonLines, type MetricRow } from "../domain/metric-lines.ts";
import type { ObjectStore } from "../ports/object-store.ts";

/** Weeks before a day whose same weekday says what is usual. */
const WEEKS = 8;

/** What was found on the same weekday of the weeks before, as far as it was written. */
export interface QualityHistory {
  readonly messages: readonly number[];
  /** Shares by the name of their check. */
  readonly shares: ReadonlyMap<string, readonly number[]>;
}

/** Reads what earlier days were like, from their JSON files. @throws TransientError | PermanentError */
export async function readQualityHistory(date: string, objects: ObjectStore): Promise<QualityHistory> {
  const days = Array.from({ length: WEEKS }, (_, week) => dayBefore(new Date(date), 7 * (week + 1)));
  const read = async (key: string): Promise<readonly MetricRow[]> =>
    fromJsonLines((await objects.get(key)) ?? "");
  const [metrics, qualities] = await Promise.all([
    Promise.all(days.map((day) => read(dailyMetricsKey(day)))),
    Promise.all(days.map((day) => read(dataQualityKey(day)))),
  ]);
  const shares = new Map<string, number[]>();
  for (const { check, value } of qualities.flat())
    if (typeof value === "number") shares.set(String(check), [...(shares.get(String(check)) ?? []), value]);
  return { messages: metrics.flat().map((row) => Number(row["total_messages"])), shares };
}
