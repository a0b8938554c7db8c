import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { DeleteObjectsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { partitionPath } from "../../functions/core/domain/lake-keys.ts";
import type { LakeRow } from "../../functions/core/domain/lake-row.ts";
import { MESSAGES } from "../../functions/core/domain/lake-schema.ts";
import {
  dailyBreakdownKey,
  dailyMetricsKey,
  dataQualityKey,
} from "../../functions/core/domain/metric-keys.ts";
import { parquetOf } from "../contract/queries/lake-tables.ts";
import { hilo } from "../support/hilo.ts";
import { metricsDataSet, rowsByDay } from "../support/metrics/data-set.ts";
import { EXPECTED } from "../support/metrics/expected.ts";
import { openStage, type TestStage } from "../support/stage.ts";

/** A day before anybody else's, with the rows of one of the set's days. */
const DAY = "2021-03-01";
const NOTHING = "2021-03-02";
const shift = Date.parse(DAY) - Date.parse("2026-09-05");
const rows: LakeRow[] = (rowsByDay(metricsDataSet()).get("2026-09-05") ?? []).map((row) => ({
  ...row,
  timestamp: row.timestamp + shift,
  first_received_at: Number(row["first_received_at"]) + shift,
  utc_day: Number(row["utc_day"]) + shift / 86_400_000,
}));
const [expected] = EXPECTED["daily-metrics"]?.(rows, { from: DAY, to: DAY, timezone: "UTC" }) ?? [];
const key = `conversations/${partitionPath(DAY)}/conversations.parquet`;

let stage: TestStage;
const folder = mkdtempSync(join(tmpdir(), "hilo-metrics-"));

beforeAll(async () => {
  stage = await openStage();
  const Body = await parquetOf(MESSAGES, "hyparquet", rows);
  await stage.s3.send(new PutObjectCommand({ Bucket: stage.outputs.bucket, Key: key, Body }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  const written = [key, dailyMetricsKey(DAY), dailyBreakdownKey(DAY), dataQualityKey(DAY)];
  const Delete = { Objects: written.map((Key) => ({ Key })) };
  await stage.s3.send(new DeleteObjectsCommand({ Bucket: stage.outputs.bucket, Delete }));
  await stage.close();
});

/** What `hilo metrics --json` says of the day, numbers as text so that none loses a digit. */
async function shown(): Promise<Record<string, string>> {
  const { output, errors } = await hilo("metrics", DAY, "--json");
  expect(errors).toBe("");
  return Object.fromEntries(
    [...output.matchAll(/"(\w+)":"?([^,"}]+)/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

it("computes a day that was not written, then reads what the function wrote: the same figures", async () => {
  const computed = await shown();
  expect(computed).toMatchObject({
    date: DAY,
    source: "computed",
    total_messages: String(expected?.["total_messages"]),
    unique_users: String(expected?.["unique_users"]),
    total_tokens: String(expected?.["total_tokens"]),
    p95_processing_time: String(expected?.["p95_processing_time"]),
  });
  const { FunctionError: failed } = await stage.lambda.send(
    new InvokeCommand({
      FunctionName: stage.outputs.functions["write-daily-metrics"],
      Payload: JSON.stringify({ day: DAY }),
    }),
  );
  expect(failed).toBeUndefined();
  expect(await shown()).toEqual({ ...computed, source: "written" });
});

it("shows a range with what the lake has nothing of, and a chart", async () => {
  const { output, code } = await hilo("metrics", "--from", DAY, "--to", NOTHING);
  expect(code).toBe(0);
  expect(output).toMatch(new RegExp(`^${DAY} +${expected?.["total_messages"]} `, "m"));
  expect(output).toMatch(new RegExp(`^${NOTHING} +– `, "m"));
  expect(output).toContain("messages a day");
});

it("says which day it has nothing of, and refuses what is no day", async () => {
  expect(await hilo("metrics", NOTHING)).toMatchObject({
    code: 1,
    errors: expect.stringContaining(`npx hilo export ${NOTHING}`),
  });
  expect((await hilo("metrics", "2021-02-30")).code).toBe(2);
});

it("writes a query's result to a file, and lists the parameters where one is wrong", async () => {
  const file = join(folder, "intents.csv");
  const asked = [
    "export",
    "--csv",
    file,
    "--query",
    "top-intents",
    "--param",
    `from=${DAY}`,
    "--param",
    `to=${DAY}`,
  ];
  expect(await hilo(...asked)).toMatchObject({ errors: expect.stringContaining("--param limit=<bigint>") });
  expect((await hilo(...asked, "--param", "limit=2")).code).toBe(0);
  expect(readFileSync(file, "utf8").split("\r\n")).toHaveLength(4);
});
