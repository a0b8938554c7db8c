import type { Clock } from "../domain/clock.ts";
import { dailyBreakdownKey, dailyMetricsKey, dataQualityKey } from "../domain/metric-keys.ts";
import { fromJsonLines, type MetricRow, toJsonLines } from "../domain/metric-lines.ts";
import { isReported, reportingDaysOf, utcDaysOf } from "../domain/reporting-day.ts";
import type { Count } from "../ports/counters.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { type AskQueryDeps, askQuery } from "./ask-query.ts";
import { judgeQuality, type QualityCount } from "./data-quality.ts";
import { readQualityHistory } from "./data-quality-history.ts";

const JSON_LINES = "application/x-ndjson";

export interface WriteDailyMetricsDeps extends AskQueryDeps {
  readonly objects: ObjectStore;
  readonly count: Count;
  readonly clock: Clock;
}

/** What was written for a reporting day. */
export interface WrittenMetrics {
  readonly date: string;
  readonly messages: number;
  /** Names of the quality checks that are beyond their thresholds. */
  readonly breaches: readonly string[];
}

/**
 * Writes the metrics, their breakdown and the data quality of the reporting days that lie on an exported UTC day. The
 * same rows give the same bytes. A reporting day that goes on into the next UTC day waits until that one is over: it is
 * written with its export, and from then on with each of either. Days that queries do not know are left out.
 * @param utcDay a day of the lake whose export has ended, `YYYY-MM-DD`
 * @throws QueryFailedError | QueryCancelledError | TransientError | PermanentError
 */
export async function writeDailyMetrics(
  utcDay: string,
  deps: WriteDailyMetricsDeps,
): Promise<readonly WrittenMetrics[]> {
  const written: WrittenMetrics[] = [];
  const today = deps.clock().toISOString().slice(0, 10);
  for (const date of reportingDaysOf(utcDay, deps.timeZone).filter(isReported)) {
    const { last } = utcDaysOf(date, date, deps.timeZone);
    if (last <= utcDay || last < today) written.push(await writeReportingDay(date, deps));
  }
  return written;
}

async function writeReportingDay(date: string, deps: WriteDailyMetricsDeps): Promise<WrittenMetrics> {
  const { objects, count } = deps;
  const [metrics, breakdown, quality, history] = await Promise.all([
    rowsOf("daily-metrics", date, deps),
    rowsOf("daily-breakdown", date, deps),
    rowsOf("data-quality", date, deps),
    readQualityHistory(date, objects),
  ]);
  const messages = Number(metrics[0]?.["total_messages"] ?? 0);
  const checks = judgeQuality({ messages, counts: quality.map(asQualityCount), history });
  const write = (key: string, rows: readonly MetricRow[]): Promise<void> =>
    objects.put(key, toJsonLines(rows), JSON_LINES);
  await write(dailyBreakdownKey(date), breakdown);
  await write(
    dataQualityKey(date),
    checks.map((check) => ({ date, ...check })),
  );
  // Last: where this is, the others are.
  await write(dailyMetricsKey(date), metrics);
  const breaches = checks.filter(({ breached }) => breached).map(({ check }) => check);
  count("DataQualityBreaches", breaches.length);
  return { date, messages, breaches };
}

async function rowsOf(name: string, date: string, deps: AskQueryDeps): Promise<readonly MetricRow[]> {
  return (await askQuery(name, { date }, deps)).rows;
}

const asQualityCount = ({ name, part, whole }: MetricRow): QualityCount => ({
  name: String(name),
  part: Number(part),
  whole: Number(whole),
});

/**
 * The metrics of a reporting day as they were written; `undefined` where they were not.
 * @throws TransientError | PermanentError
 */
export async function readDailyMetrics(date: string, objects: ObjectStore): Promise<MetricRow | undefined> {
  const text = await objects.get(dailyMetricsKey(date));
  return text === undefined ? undefined : fromJsonLines(text)[0];
}
