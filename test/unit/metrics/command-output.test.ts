import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { formatDay, formatRange } from "../../../cli/metrics/format-metrics.ts";
import { formatGroups } from "../../../cli/metrics/format-patterns.ts";
import type { Lake } from "../../../cli/metrics/lake.ts";
import { readDetails, readMetrics } from "../../../cli/metrics/read-metrics.ts";
import { writeDailyMetrics } from "../../../functions/core/use-cases/write-daily-metrics.ts";
import { readQueryFiles } from "../../../functions/runtime/query-files.ts";
import { fixedClock } from "../../support/builders.ts";
import { createFakeObjectStore } from "../../support/fakes/fake-objects.ts";
import { metricsDataSet } from "../../support/metrics/data-set.ts";
import { createFakeQueryRunner } from "../../support/metrics/fake-query-runner.ts";
import { groupPatterns, patternsDataSet } from "../../support/metrics/patterns.ts";

const queries = readQueryFiles(join(import.meta.dirname, "../../../queries"));

function openLake(): Lake & { readonly asked: string[] } {
  const runner = createFakeQueryRunner(queries, metricsDataSet);
  return { queries, runner, objects: createFakeObjectStore(), timeZone: "UTC", asked: runner.asked };
}

const write = (day: string, lake: Lake) =>
  writeDailyMetrics(day, { ...lake, count: () => undefined, clock: fixedClock() });

describe("where metrics come from", () => {
  test("a day that was written is read, and nothing is asked", async () => {
    const lake = openLake();
    await write("2026-09-05", lake);
    lake.asked.length = 0;
    const [day] = await readMetrics("2026-09-05", "2026-09-05", lake);
    expect(day).toMatchObject({ date: "2026-09-05", source: "written" });
    expect(lake.asked).toEqual([]);
  });

  test("days that were not are computed by one query, with the same figures", async () => {
    const lake = openLake();
    const computed = await readMetrics("2026-09-03", "2026-09-07", lake);
    expect(lake.asked).toEqual(["metrics-range"]);
    expect(computed.map(({ source }) => source)).toEqual(["none", ...Array(4).fill("computed")]);
    await write("2026-09-05", lake);
    const mixed = await readMetrics("2026-09-03", "2026-09-07", lake);
    expect(mixed.map(({ source }) => source)).toEqual([
      "none",
      "computed",
      "written",
      "computed",
      "computed",
    ]);
    const asText = (of: typeof mixed) =>
      of.map(({ metrics }) => Object.values(metrics).map((value) => value?.toString()));
    expect(asText(mixed)).toEqual(asText(computed));
  });
});

test("a day shows every metric with its unit, its channels, and what is wrong", async () => {
  const lake = openLake();
  await write("2026-09-05", lake);
  const [day] = await readMetrics("2026-09-05", "2026-09-05", lake);
  const columns = queries.get("daily-metrics")?.columns ?? [];
  const text = day && formatDay(day, columns, await readDetails("2026-09-05", lake));
  for (const { name } of columns.filter(({ name }) => name !== "date")) expect(text).toContain(name);
  expect(text).toMatch(/^2026-09-05\ntotal_messages +\d+ {2}messages\n {2}\w+ +\d+ {2}messages\n/);
  expect(text).toContain("data quality: confidence_out_of_range is");
});

test("a range shows a line a day, sums of what may be summed, and a chart", async () => {
  const days = await readMetrics("2026-09-03", "2026-09-05", openLake());
  const lines = formatRange(days).split("\n");
  expect(lines[0]).toMatch(/^ +messages +users +sessions +confidence/);
  expect(lines[1]).toMatch(/^2026-09-03 +– +–/);
  expect(lines[2]).toMatch(/^2026-09-04 \* +\d+/);
  const messages = days.reduce((sum, { metrics }) => sum + Number(metrics["total_messages"]), 0);
  // Persons and sessions of a day may be those of another.
  expect(lines[4]).toMatch(new RegExp(`^all days +${messages} +\\d{10,} +\\d+ +\\d+ +\\d+$`));
  expect(lines[5]).toContain("* computed now");
  expect(lines[7]).toBe("messages a day");
  expect(lines.length).toBeGreaterThan(14);
});

test("groups of people are shown without anybody's id", () => {
  const patterns = patternsDataSet();
  const text = formatGroups(groupPatterns(patterns, 5));
  expect(text.split("\n").length).toBeGreaterThan(3);
  for (const { user_id } of patterns) expect(text).not.toContain(String(user_id));
});
