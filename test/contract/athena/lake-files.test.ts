import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createLakeRowFiles,
  createParquetFiles,
  type LakeWriter,
} from "../../../functions/adapters/parquet/lake-row-files.ts";
import type { TypedParameter } from "../../../functions/core/domain/athena-literal.ts";
import { daysFrom } from "../../../functions/core/domain/day.ts";
import type { LakeRow, LakeValue } from "../../../functions/core/domain/lake-row.ts";
import { type LakeType, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import type { QueryValue } from "../../../functions/core/ports/query-runner.ts";
import { aLakeRow, awkwardRows, exactRow, manyRows, stream, writtenBy } from "../../support/parquet/rows.ts";
import { type LakeScene, openLakeScene } from "./lake-scene.ts";

const WRITERS: readonly LakeWriter[] = ["hyparquet", "parquetjs"];
const ON_DAY = "year = ? AND month = ? AND day = ?";

let scene: LakeScene;
beforeAll(async () => {
  scene = await openLakeScene("files");
});
afterAll(() => scene.close());

describe.each(WRITERS)("a file written by %s", (writer) => {
  const table = `messages_${writer}`;
  const day = "2026-11-20";

  beforeAll(async () => {
    await scene.createTable(table);
    const file = await writtenBy((sink) => createLakeRowFiles(writer).write(stream(awkwardRows), sink));
    await scene.put(table, day, file.bytes);
  });

  it("gives every value as it was", async () => {
    const { rows } = await scene.runner.run(`SELECT * FROM ${table} WHERE ${ON_DAY}`, partition(day));
    const order = (row: LakeRow): string => JSON.stringify(exactRow(row));
    expect(rows.map(toLakeRow).map(order).sort()).toEqual(awkwardRows.map(order).sort());
  });

  it("gives each person's rows, and nobody else's, to a filter", async () => {
    const sql = `SELECT user_id, content FROM ${table} WHERE ${ON_DAY} AND user_id = ?`;
    const contents = (rows: readonly { readonly [column: string]: QueryValue }[]): unknown[] =>
      rows.map(({ content }) => content).sort();
    const people = [...Map.groupBy(awkwardRows, ({ user_id }) => user_id)];
    await Promise.all(
      people.map(async ([value, own]) => {
        const { rows } = await scene.runner.run(sql, [...partition(day), { type: "string", value }]);
        expect(contents(rows), value).toEqual(contents(own));
      }),
    );
  });

  it("finds rows by texts, numbers and times", async () => {
    const count = async (
      condition: string,
      ...parameters: TypedParameter[]
    ): Promise<QueryValue | undefined> => {
      const sql = `SELECT count(*) AS found FROM ${table} WHERE ${ON_DAY} AND ${condition}`;
      return (await scene.runner.run(sql, [...partition(day), ...parameters])).rows[0]?.["found"];
    };
    expect(await count("content = ?", { type: "string", value: "NUL \u0000 within" })).toBe(1n);
    expect(await count("content = ?", { type: "string", value: "" })).toBe(1n);
    expect(await count("tokens_used = ?", { type: "bigint", value: 2n ** 53n + 1n })).toBe(1n);
    expect(await count("is_nan(sentiment_score)")).toBe(1n);
    expect(await count("confidence_score = ?", { type: "double", value: Number.MAX_VALUE })).toBe(1n);
    expect(await count("utc_day = ?", { type: "date", value: "9999-12-31" })).toBe(1n);
    expect(
      await count("timestamp < from_iso8601_timestamp(?)", { type: "string", value: "1970-01-01T00:00:00Z" }),
    ).toBe(1n);
  });
});

it("gives NULL for a column that an older file does not have", async () => {
  await scene.createTable("evolving");
  const older = { ...MESSAGES, columns: MESSAGES.columns.filter(({ name }) => name !== "language") };
  const row = aLakeRow({ language: "es-MX" });
  const oldFile = await writtenBy((sink) =>
    createParquetFiles(older, "hyparquet").write(stream([row]), sink),
  );
  const newFile = await writtenBy((sink) => createLakeRowFiles("hyparquet").write(stream([row]), sink));
  await scene.put("evolving", "2026-11-19", oldFile.bytes);
  await scene.put("evolving", "2026-11-20", newFile.bytes);
  const { rows } = await scene.runner.run(
    "SELECT day, language, message_id FROM evolving WHERE year = ? AND month = ? AND day >= ? ORDER BY day",
    partition("2026-11-19"),
  );
  expect(rows).toEqual([
    { day: 19, language: null, message_id: row.message_id },
    { day: 20, language: "es-MX", message_id: row.message_id },
  ]);
});

it("reads no more for a day when there are more days", async () => {
  await scene.createTable("pruned");
  const file = await writtenBy((sink) => createLakeRowFiles("hyparquet").write(manyRows(2_000), sink));
  const scanned = async (): Promise<number> => {
    const sql = `SELECT count(DISTINCT user_id) AS users, sum(length(content)) AS letters FROM pruned WHERE ${ON_DAY}`;
    const { rows, bytesScanned } = await scene.runner.run(sql, partition("2026-11-15"));
    expect(rows[0]?.["users"]).toBe(200n);
    return bytesScanned;
  };
  await scene.put("pruned", "2026-11-15", file.bytes);
  const alone = await scanned();
  for (const day of daysFrom("2026-11-01", "2026-11-30")) await scene.put("pruned", day, file.bytes);
  expect(alone).toBeGreaterThan(0);
  expect(alone).toBeLessThanOrEqual(file.byteLength);
  expect(await scanned()).toBe(alone);

  const month =
    "SELECT count(DISTINCT user_id) AS users, sum(length(content)) AS letters FROM pruned WHERE year = ? AND month = ?";
  const { bytesScanned } = await scene.runner.run(month, partition("2026-11-15").slice(0, 2));
  expect(bytesScanned).toBe(30 * alone);
});

/** The day as parameters of `year = ? AND month = ? AND day = ?`. */
function partition(day: string): TypedParameter[] {
  return day.split("-").map((part) => ({ type: "bigint", value: Number(part) }));
}

/** A row of Athena's as the lake holds it: times and days from Athena's text. */
function toLakeRow(row: Readonly<Record<string, QueryValue>>): LakeRow {
  const entries = MESSAGES.columns.map(({ name, type }) => [name, toLakeValue(row[name] ?? null, type)]);
  return Object.fromEntries(entries) as LakeRow;
}

function toLakeValue(value: QueryValue, type: LakeType): LakeValue {
  if (value === null || (type !== "timestamp" && type !== "date")) return value;
  const time = Date.parse(type === "date" ? `${value}T00:00:00.000Z` : `${String(value).replace(" ", "T")}Z`);
  return type === "date" ? time / 86_400_000 : time;
}
