import { dayBefore, daysFrom } from "../../functions/core/domain/day.ts";
import { dailyBreakdownKey, dataQualityKey } from "../../functions/core/domain/metric-keys.ts";
import { fromJsonLines, type MetricRow } from "../../functions/core/domain/metric-lines.ts";
import { checkRange } from "../../functions/core/domain/reporting-day.ts";
import { askQuery } from "../../functions/core/use-cases/ask-query.ts";
import { readDailyMetrics } from "../../functions/core/use-cases/write-daily-metrics.ts";
import type { Lake } from "./lake.ts";

/** Objects read at once. */
const AT_ONCE = 16;

/** A day's metrics and where they come from: `written` nightly, `computed` just now, or `none`: the lake has no message. */
export interface DayMetrics {
  readonly date: string;
  readonly source: "written" | "computed" | "none";
  /** Without `date`. */
  readonly metrics: MetricRow;
}

/**
 * The metrics of each day of a range: those written nightly, else one query over the days that are missing.
 * @throws RangeError when the range makes no sense
 */
export async function readMetrics(from: string, to: string, lake: Lake): Promise<DayMetrics[]> {
  checkRange(from, to);
  const days = daysFrom(from, to);
  const written = await readWritten(days, lake);
  const missing = days.filter((day) => !written.has(day));
  const computed = await computeMissing(missing, lake);
  return days.map((date) => {
    const file = written.get(date);
    if (file !== undefined) return { date, source: "written", metrics: withoutDate(file) };
    const row = computed.get(date) ?? {};
    return {
      date,
      source: Number(row["total_messages"] ?? 0) === 0 ? "none" : "computed",
      metrics: withoutDate(row),
    };
  });
}

async function readWritten(days: readonly string[], lake: Lake): Promise<Map<string, MetricRow>> {
  const found = new Map<string, MetricRow>();
  const open = [...days];
  const worker = async (): Promise<void> => {
    for (let day = open.shift(); day !== undefined; day = open.shift()) {
      const row = await readDailyMetrics(day, lake.objects);
      if (row !== undefined) found.set(day, row);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}

async function computeMissing(missing: readonly string[], lake: Lake): Promise<Map<string, MetricRow>> {
  const [from, to] = [missing[0], missing.at(-1)];
  if (from === undefined || to === undefined) return new Map();
  const { rows } = await askQuery("metrics-range", { from, to }, lake);
  return new Map(rows.map((row) => [String(row["date"]), row]));
}

const withoutDate = ({ date: _, ...metrics }: MetricRow): MetricRow => metrics;

/** What was written of a day besides its metrics; nothing where it was not. */
export interface DayDetails {
  readonly breakdown: readonly MetricRow[];
  readonly quality: readonly MetricRow[];
  /** Messages on the same weekday a week before. */
  readonly messagesWeekBefore: number | null;
}

/** Reads what was written of a day besides its metrics. */
export async function readDetails(date: string, { objects }: Lake): Promise<DayDetails> {
  const lines = async (key: string): Promise<MetricRow[]> => fromJsonLines((await objects.get(key)) ?? "");
  const [breakdown, quality, before] = await Promise.all([
    lines(dailyBreakdownKey(date)),
    lines(dataQualityKey(date)),
    readDailyMetrics(dayBefore(new Date(date), 7), objects),
  ]);
  const messages = before?.["total_messages"];
  return { breakdown, quality, messagesWeekBefore: messages === undefined ? null : Number(messages) };
}
