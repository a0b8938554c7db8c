import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import {
  readDailyMetrics,
  type WriteDailyMetricsDeps,
  writeDailyMetrics,
} from "../../../functions/core/use-cases/write-daily-metrics.ts";
import { readQueryFiles } from "../../../functions/runtime/query-files.ts";
import { fixedClock } from "../../support/builders.ts";
import { createFakeObjectStore } from "../../support/fakes/fake-objects.ts";
import { metricsDataSet } from "../../support/metrics/data-set.ts";
import { createFakeQueryRunner } from "../../support/metrics/fake-query-runner.ts";

const queries = readQueryFiles(join(import.meta.dirname, "../../../queries"));
const DAY = "2026-09-05";

function lab(
  timeZone = "UTC",
  rows: readonly LakeRow[] = metricsDataSet(),
  now = "2026-11-20T02:30:00.000Z",
) {
  const objects = createFakeObjectStore();
  const counts: [string, number][] = [];
  const runner = createFakeQueryRunner(queries, () => rows);
  const deps: WriteDailyMetricsDeps = {
    queries,
    runner,
    objects,
    timeZone,
    count: (name, n) => counts.push([name, n]),
    clock: fixedClock(now),
  };
  const bytes = (): Record<string, string> =>
    Object.fromEntries([...objects.objects].map(([key, { body }]) => [key, body]).sort());
  return { objects, counts, deps, bytes };
}

describe("a day in UTC", () => {
  test("gives one line of metrics, and lines of breakdown and quality", async () => {
    const { deps, bytes } = lab();
    const [written] = await writeDailyMetrics(DAY, deps);
    const files = bytes();
    expect(Object.keys(files)).toEqual([
      `analytics/daily_breakdown/${DAY}.json`,
      `analytics/daily_metrics/${DAY}.json`,
      `analytics/data_quality/${DAY}.json`,
    ]);
    const metrics = files[`analytics/daily_metrics/${DAY}.json`] ?? "";
    expect(metrics).toMatch(/^\{"date":"2026-09-05","total_messages":\d+,[^\n]*\}\n$/);
    const rows = metricsDataSet().filter(({ timestamp }) =>
      new Date(timestamp).toISOString().startsWith(DAY),
    );
    expect(written).toMatchObject({ date: DAY, messages: rows.length });
    const quality = (files[`analytics/data_quality/${DAY}.json`] ?? "").trim().split("\n");
    expect(quality).toHaveLength(14);
    for (const line of quality)
      expect(Object.keys(JSON.parse(line))).toEqual([
        "date",
        "check",
        "value",
        "comparison",
        "threshold",
        "breached",
      ]);
  });

  test("writes nothing of days that queries do not know, which history may have", async () => {
    const { deps, bytes } = lab();
    for (const day of ["2019-12-31", "2020-01-01", "2035-12-31"])
      expect(await writeDailyMetrics(day, deps)).toEqual([]);
    expect(bytes()).toEqual({});
  });

  test("keeps all digits of a sum beyond 2^53, and reads them back", async () => {
    const { deps, objects } = lab();
    await writeDailyMetrics(DAY, deps);
    const exact = metricsDataSet()
      .filter(({ timestamp }) => new Date(timestamp).toISOString().startsWith(DAY))
      .reduce((sum, row) => sum + (typeof row["tokens_used"] === "bigint" ? row["tokens_used"] : 0n), 0n);
    expect(exact).toBeGreaterThan(2n ** 53n);
    expect((await readDailyMetrics(DAY, objects))?.["total_tokens"]).toBe(exact);
  });

  test("written again, has the same bytes", async () => {
    const { deps, bytes } = lab();
    await writeDailyMetrics(DAY, deps);
    const first = bytes();
    await writeDailyMetrics(DAY, deps);
    expect(bytes()).toEqual(first);
  });

  test("without messages has zeros, and no breach", async () => {
    const { deps, objects, counts } = lab("UTC", []);
    expect(await writeDailyMetrics(DAY, deps)).toEqual([{ date: DAY, messages: 0, breaches: [] }]);
    expect(await readDailyMetrics(DAY, objects)).toEqual({
      date: DAY,
      total_messages: 0,
      unique_users: 0,
      distinct_sessions: 0,
      avg_confidence: null,
      avg_processing_time: null,
      p50_processing_time: null,
      p95_processing_time: null,
      total_tokens: 0,
      escalations: 0,
      positive_sentiment: 0,
      negative_sentiment: 0,
    });
    expect(counts).toEqual([["DataQualityBreaches", 0]]);
  });

  test("counts what is in breach", async () => {
    const { deps, counts } = lab();
    const [written] = await writeDailyMetrics(DAY, deps);
    // The set has numbers out of their range on this day, and many texts of one space.
    expect(written?.breaches).toEqual(
      expect.arrayContaining(["confidence_out_of_range", "sentiment_out_of_range", "empty_text"]),
    );
    expect(counts).toEqual([["DataQualityBreaches", written?.breaches.length]]);
  });

  test("leaves no metrics where a query fails", async () => {
    const { deps, bytes } = lab();
    const broken: WriteDailyMetricsDeps = {
      ...deps,
      runner: {
        run: (sql, parameters) =>
          sql === queries.get("data-quality")?.sql
            ? Promise.reject(new Error("failed"))
            : deps.runner.run(sql, parameters),
      },
    };
    await expect(writeDailyMetrics(DAY, broken)).rejects.toThrow("failed");
    expect(bytes()).toEqual({});
  });
});

describe("a zone behind UTC", () => {
  const SANTIAGO = "America/Santiago";
  const dates = (written: readonly { date: string }[]): string[] => written.map(({ date }) => date);

  test("waits with a day for the UTC day that it ends on", async () => {
    const night = (day: string) => lab(SANTIAGO, metricsDataSet(), `${day}T02:30:00.000Z`);
    expect(dates(await writeDailyMetrics("2026-09-05", night("2026-09-06").deps))).toEqual(["2026-09-04"]);
    expect(dates(await writeDailyMetrics("2026-09-06", night("2026-09-07").deps))).toEqual(["2026-09-05"]);
  });

  test("writes both days anew when a UTC day is exported again, so that the last export has the last word", async () => {
    const { deps } = lab(SANTIAGO);
    expect(dates(await writeDailyMetrics("2026-09-05", deps))).toEqual(["2026-09-04", "2026-09-05"]);
  });

  test("exported in whatever order, ends in the same bytes", async () => {
    const rows: LakeRow[] = [];
    const exported = (utcDays: readonly string[]) =>
      metricsDataSet().filter(({ timestamp }) =>
        utcDays.includes(new Date(timestamp).toISOString().slice(0, 10)),
      );
    const days = ["2026-09-04", "2026-09-05", "2026-09-06"];
    const ends = [];
    for (const order of [days, days.toReversed()]) {
      const { deps, bytes } = lab(SANTIAGO, rows);
      for (const [index, day] of order.entries()) {
        rows.splice(0, rows.length, ...exported(order.slice(0, index + 1)));
        await writeDailyMetrics(day, deps);
      }
      const metrics = Object.entries(bytes()).filter(([key]) => !key.includes("data_quality"));
      ends.push(Object.fromEntries(metrics));
    }
    expect(Object.keys(ends[0] ?? {})).toHaveLength(8);
    expect(ends[1]).toEqual(ends[0]);
  });
});
