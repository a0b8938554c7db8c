import { join } from "node:path";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createObjectStore } from "../../../functions/adapters/s3/object-store.ts";
import { lakeSchemaOf, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { askQuery } from "../../../functions/core/use-cases/ask-query.ts";
import {
  readDailyMetrics,
  writeDailyMetrics,
} from "../../../functions/core/use-cases/write-daily-metrics.ts";
import { readQueryFiles } from "../../../functions/runtime/query-files.ts";
import breakdownFile from "../../../queries/schema/daily-breakdown.json" with { type: "json" };
import metricsFile from "../../../queries/schema/daily-metrics.json" with { type: "json" };
import patternsFile from "../../../queries/schema/user-patterns.json" with { type: "json" };
import { fixedClock } from "../../support/builders.ts";
import { metricsDataSet, rowsByDay } from "../../support/metrics/data-set.ts";
import { EXPECTED, type ExpectedRow, type Question } from "../../support/metrics/expected.ts";
import { groupPatterns, patternsDataSet } from "../../support/metrics/patterns.ts";
import { type LakeScene, openLakeScene } from "../athena/lake-scene.ts";
import { createPlainTable, parquetOf } from "./lake-tables.ts";

/** Decimals that a mean shares with the one computed apart: means of doubles are rounded to 9 of them on the way. */
const DIGITS = 8;

const queries = readQueryFiles(join(import.meta.dirname, "../../../queries"));
const rows = metricsDataSet();
const days = rowsByDay(rows);

/** Days at which clocks change, a turn of the year, and all at once. */
const QUESTIONS: Readonly<Record<"hyparquet" | "parquetjs", readonly Question[]>> = {
  hyparquet: [
    { from: "2026-09-05", to: "2026-09-06", timezone: "America/Santiago" },
    { from: "2026-10-25", to: "2026-10-25", timezone: "Europe/Madrid" },
    { from: "2026-04-04", to: "2026-09-27", timezone: "Pacific/Chatham" },
  ],
  parquetjs: [{ from: "2026-12-31", to: "2027-01-01", timezone: "America/Santiago" }],
};

describe.each(["hyparquet", "parquetjs"] as const)("files of %s", (writer) => {
  let scene: LakeScene;
  const sizes = new Map<string, number>();

  beforeAll(async () => {
    scene = await openLakeScene(`queries-${writer}`);
    await scene.createTable("messages");
    for (const [day, of] of days) {
      const bytes = await parquetOf(MESSAGES, writer, of);
      sizes.set(day, bytes.length);
      await scene.put("messages", day, bytes);
    }
  });
  afterAll(() => scene?.close());

  const deps = (timeZone: string) => ({ queries, runner: scene.runner, timeZone });

  describe.each(QUESTIONS[writer])("$from to $to, $timezone", (question) => {
    test.concurrent.for(Object.keys(EXPECTED))("%s", async (name, { expect }) => {
      const file = queries.get(name);
      const asked = { date: question.from, from: question.from, to: question.to, limit: 5 };
      const values = Object.fromEntries(
        Object.entries(asked).filter(([key]) => file?.parameters.some((parameter) => parameter.name === key)),
      );
      const result = await askQuery(name, values, deps(question.timezone));
      expect(result.columns).toEqual(file?.columns.map(({ name, type }) => ({ name, type })));
      const expected = EXPECTED[name]?.(rows, question) ?? [];
      expect(expected.length).toBeGreaterThan(0);
      expectSame(expect, result.rows as readonly ExpectedRow[], expected);
    });
  });

  test("reads the partitions of its days only", async () => {
    // Small files are read whole, and once more for the percentiles.
    const scans = 2;
    const one = await askQuery("daily-metrics", { date: "2026-09-05" }, deps("UTC"));
    expect(one.bytesScanned).toBeGreaterThan(0);
    expect(one.bytesScanned).toBeLessThanOrEqual(scans * (sizes.get("2026-09-05") ?? 0));
    const range = { from: "2026-12-30", to: "2027-01-01" };
    const two = await askQuery("metrics-range", range, deps("UTC"));
    const most = (sizes.get("2026-12-31") ?? 0) + (sizes.get("2027-01-01") ?? 0);
    expect(two.bytesScanned).toBeGreaterThan(0);
    expect(two.bytesScanned).toBeLessThanOrEqual(scans * most);
  });

  test("what is written for a day is what the tables of metrics say", async () => {
    const objects = createObjectStore({ client: scene.engines.s3, bucket: scene.name });
    const written = await writeDailyMetrics("2026-09-05", {
      ...deps("UTC"),
      objects,
      count: () => undefined,
      clock: fixedClock(),
    });
    expect(written).toHaveLength(1);
    for (const [schema, folder] of [
      [lakeSchemaOf(metricsFile), "daily_metrics"],
      [lakeSchemaOf(breakdownFile), "daily_breakdown"],
    ] as const)
      await createPlainTable(scene, schema, `analytics/${folder}/`, "json");
    const question = { from: "2026-09-05", to: "2026-09-05", timezone: "UTC" };
    for (const name of ["daily-metrics", "daily-breakdown"] as const) {
      const { rows: told } = await scene.runner.run(`SELECT * FROM ${name.replace("-", "_")}`);
      expectSame(expect, told as readonly ExpectedRow[], EXPECTED[name]?.(rows, question) ?? []);
    }
    const [expected] = EXPECTED["daily-metrics"]?.(rows, question) ?? [];
    expect(await readDailyMetrics("2026-09-05", objects)).toMatchObject({
      total_tokens: expected?.["total_tokens"],
    });
  });

  test("user-patterns groups persons and names nobody", async () => {
    const schema = lakeSchemaOf(patternsFile);
    const patterns = patternsDataSet();
    await createPlainTable(scene, schema, "patterns/", "parquet");
    const file = {
      Bucket: scene.name,
      Key: "patterns/aggregated_patterns.parquet",
      Body: await parquetOf(schema, writer, patterns),
    };
    await scene.engines.s3.send(new PutObjectCommand(file));
    const result = await askQuery("user-patterns", { least_users: 3, limit: 4 }, deps("UTC"));
    const columns = queries.get("user-patterns")?.columns;
    expect(result.columns).toEqual(columns?.map(({ name, type }) => ({ name, type })));
    expectSame(expect, result.rows as readonly ExpectedRow[], groupPatterns(patterns, 3).slice(0, 4));
  });
});

type Expect = typeof expect;

/** Compares rows in any order; whole numbers exactly, means of doubles but for what their rounding takes. */
function expectSame(check: Expect, got: readonly ExpectedRow[], expected: readonly ExpectedRow[]): void {
  const sorted = (of: readonly ExpectedRow[]): ExpectedRow[] =>
    of.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  check(sorted(got)).toEqual(
    sorted(expected).map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === "number" ? expect.closeTo(value, DIGITS) : value,
        ]),
      ),
    ),
  );
}

/** What tells rows of one result apart: all that is no measured number. */
const keyOf = (row: ExpectedRow): string =>
  JSON.stringify(Object.values(row).map((value) => (typeof value === "number" ? null : String(value))));
