import { GetQueryExecutionCommand, ListQueryExecutionsCommand } from "@aws-sdk/client-athena";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createQueryRunner } from "../../../functions/adapters/athena/query-runner.ts";
import { type LakeScene, openLakeScene } from "./lake-scene.ts";

/** A busy machine's engine takes longer than the second that a poll waits by itself. */
const PATIENCE = { timeout: 20_000 };
/** A hundred million million pairs: nobody waits for its end. */
const ENDLESS =
  "SELECT count(*) FROM UNNEST(sequence(1, 10000)) AS a (x) CROSS JOIN UNNEST(sequence(1, 10000)) AS b (y) CROSS JOIN UNNEST(sequence(1, 10000)) AS c (z) CROSS JOIN UNNEST(sequence(1, 100)) AS d (w) WHERE sqrt(x * y * z * w) < 0";

let scene: LakeScene;
beforeAll(async () => {
  scene = await openLakeScene("runner");
});
afterAll(() => scene.close());

describe("a query", () => {
  it("gives each column in its type", async () => {
    const { rows, columns } = await scene.runner.run(
      `SELECT 9007199254740993 AS "bigint", 7 AS "integer", 1e10 AS "double", nan() AS "nan", -infinity() AS "inf",
        true AS "boolean", '' AS "empty", CAST(NULL AS varchar) AS "null", DATE '2026-02-28' AS "date",
        TIMESTAMP '9999-12-31 23:59:59.999' AS "timestamp", CAST('1.50' AS decimal(10, 2)) AS "decimal",
        ARRAY[1, NULL] AS "array", MAP(ARRAY['k'], ARRAY['v']) AS "map",
        CAST(ROW(1, 'x, y') AS ROW(a bigint, b varchar)) AS "row", X'00ff' AS "binary"`,
    );
    expect(rows).toEqual([
      {
        bigint: 9_007_199_254_740_993n,
        integer: 7,
        double: 1e10,
        nan: Number.NaN,
        inf: Number.NEGATIVE_INFINITY,
        boolean: true,
        empty: "",
        null: null,
        date: "2026-02-28",
        timestamp: "9999-12-31 23:59:59.999",
        decimal: "1.50",
        array: "[1, null]",
        map: "{k=v}",
        row: "{a=1, b=x, y}",
        binary: "00 ff",
      },
    ]);
    const types =
      "bigint integer double double double boolean varchar varchar date timestamp decimal array map row";
    expect(columns.map(({ type }) => type)).toEqual([...types.split(" "), "varbinary"]);
  });

  it("gives every row of many pages, in order", async () => {
    const { rows } = await scene.runner.run(
      "SELECT number FROM UNNEST(sequence(1, 2500)) AS t (number) ORDER BY number",
    );
    expect(rows.map(({ number }) => number)).toEqual(
      Array.from({ length: 2_500 }, (_, index) => BigInt(index + 1)),
    );
  });

  it("gives no row where there is none, and still the columns", async () => {
    const { rows, columns } = await scene.runner.run("SELECT 'x' AS a WHERE false");
    expect({ rows, columns }).toEqual({ rows: [], columns: [{ name: "a", type: "varchar" }] });
  });

  it.each([
    "it's",
    "'; DROP TABLE messages; --",
    "2026-11-20' OR '1'='1",
    "?",
    "*",
    'a"b',
    "\\",
    "{x}",
    "%2F",
    "line\nbreak\u0000",
    "👩‍👩‍👧‍👦 \ufeff",
  ])("takes %j as a value and nothing else", async (value) => {
    const { rows } = await scene.runner.run("SELECT text FROM (VALUES 'other') AS t (text) WHERE ? <> text", [
      { type: "string", value },
    ]);
    expect(rows).toEqual([{ text: "other" }]);
    const found = await scene.runner.run(
      "SELECT to_hex(to_utf8(given)) AS bytes FROM (SELECT max(x) AS given FROM (SELECT x FROM UNNEST(ARRAY[from_utf8(from_hex('" +
        `${Buffer.from(value).toString("hex")}'))]) AS t (x) WHERE x = ?))`,
      [{ type: "string", value }],
    );
    expect(found.rows).toEqual([{ bytes: Buffer.from(value).toString("hex").toUpperCase() }]);
  });

  it("takes numbers and days as literals of their types", async () => {
    const { rows } = await scene.runner.run(
      `SELECT count(*) AS found FROM (VALUES (BIGINT '9223372036854775807', -1.5e-300, DATE '2024-02-29')) AS t (a, b, c)
        WHERE a = ? AND b = ? AND c = ? AND typeof(?) = 'double'`,
      [
        { type: "bigint", value: 9_223_372_036_854_775_807n },
        { type: "double", value: -1.5e-300 },
        { type: "date", value: "2024-02-29" },
        { type: "double", value: 3 },
      ],
    );
    expect(rows).toEqual([{ found: 1n }]);
  });
});

describe("a query that cannot be", () => {
  it.each([
    ["SELECT nothing", "the query failed: COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved"],
    [
      "SELECT * FROM nowhere",
      /^the query failed: TABLE_NOT_FOUND: line 1:15: Table '.*nowhere' does not exist$/,
    ],
    ["SELECT 'secret' FROM", /^the query failed: SYNTAX_ERROR: line 1:\d+$/],
    ["SELECT CAST(x AS date) FROM (VALUES 'secret') AS t (x)", "the query failed: INVALID_CAST_ARGUMENT"],
    ["SELECT json_parse(x) FROM (VALUES '{secret') AS t (x)", "the query failed: INVALID_FUNCTION_ARGUMENT"],
    ["SELECT 1/x FROM (VALUES 0) AS t (x)", "the query failed: DIVISION_BY_ZERO"],
    [
      "SELECT 1 WHERE 1 = ?",
      "the query failed: INVALID_PARAMETER_USAGE: line 1:1: Incorrect number of parameters: expected 1 but found 0",
    ],
    ["SELECT ? AS secret", /^Athena refused the query: Parameters are allowed in the WHERE clause only/],
    ["CREATE TABLE secret AS SELECT 1", /^Athena refused the query: Queries of this type are not supported/],
  ])("says why without its text: %s", async (sql, message) => {
    const error: unknown = await scene.runner.run(sql).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "QueryFailedError", message: expect.stringMatching(message) });
    expect(String(error)).not.toContain("secret");
  });

  it("is not sent where a parameter is no value of its type", async () => {
    const before = await startedSoFar();
    for (const value of ["2026-11-20' OR '1'='1", "2026-02-30", "2026-2-3", "", " 2026-02-03"])
      await expect(
        scene.runner.run("SELECT 1 WHERE current_date > ?", [{ type: "date", value }]),
      ).rejects.toThrow("parameter 1 is no day of the calendar (YYYY-MM-DD)");
    expect(await startedSoFar()).toBe(before);
  });
});

describe("a query that goes on", () => {
  it("is stopped when its time is over", async () => {
    await expect(scene.runner.run(ENDLESS, [], { timeoutMs: 700 })).rejects.toMatchObject({
      name: "TransientError",
      message: `Athena on ${scene.name}: no result after 700 ms; the query was stopped`,
    });
    await expect.poll(() => lastState(), PATIENCE).toEqual(["CANCELLED", "Query cancelled by user"]);
  });

  it("is stopped when its caller cancels", async () => {
    const cancel = new AbortController();
    const run = scene.runner.run(ENDLESS, [], { signal: cancel.signal });
    await expect.poll(() => lastState(), PATIENCE).toEqual(["RUNNING", undefined]);
    cancel.abort();
    await expect(run).rejects.toMatchObject({ name: "QueryCancelledError" });
    await expect.poll(() => lastState(), PATIENCE).toEqual(["CANCELLED", "Query cancelled by user"]);
  });

  it("does not go on in the engine", async () => {
    const running = `SELECT count(*) AS running FROM system.runtime.queries
      WHERE state NOT IN ('FINISHED', 'FAILED') AND query LIKE 'SELECT count(*) FROM UNNEST(sequence%'`;
    await expect
      .poll(async () => (await scene.runner.run(running)).rows, PATIENCE)
      .toEqual([{ running: 0n }]);
  });

  it("never begins where its caller had cancelled before", async () => {
    const before = await startedSoFar();
    const run = scene.runner.run("SELECT 1", [], { signal: AbortSignal.abort() });
    await expect(run).rejects.toMatchObject({ name: "QueryCancelledError" });
    expect(await startedSoFar()).toBe(before);
  });
});

it("names the workgroup that is not there", async () => {
  const runner = createQueryRunner({ client: scene.athena, workGroup: "nobody", database: "none" });
  await expect(runner.run("SELECT 1")).rejects.toMatchObject({
    name: "QueryFailedError",
    message: "Athena refused the query: WorkGroup nobody is not found.",
  });
});

async function ids(): Promise<readonly string[]> {
  const { QueryExecutionIds = [] } = await scene.athena.send(
    new ListQueryExecutionsCommand({ WorkGroup: scene.name }),
  );
  return QueryExecutionIds;
}

async function startedSoFar(): Promise<string | undefined> {
  return (await ids())[0];
}

async function lastState(): Promise<(string | undefined)[]> {
  const [QueryExecutionId] = await ids();
  const { QueryExecution } = await scene.athena.send(new GetQueryExecutionCommand({ QueryExecutionId }));
  return [QueryExecution?.Status?.State, QueryExecution?.Status?.StateChangeReason];
}
