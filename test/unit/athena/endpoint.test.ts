import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Execution } from "../../../local/athena/execution.ts";
import { createRowPrinter, csvLine, describeColumn, printValue } from "../../../local/athena/result-text.ts";
import { resultsPage } from "../../../local/athena/results-page.ts";
import { failureOf } from "../../../local/athena/run-execution.ts";
import { bindParameters, parseStatement } from "../../../local/athena/sql.ts";
import { ExactNumber, parseExactly } from "../../../local/athena/trino-client.ts";
import { parseType } from "../../../local/athena/type-signature.ts";
import { resultPlace } from "../../../local/athena/workgroups.ts";

describe("CSV", () => {
  it("quotes every value, doubles quotes, and leaves nulls empty", () => {
    expect(csvLine(["a", 'say "hi", you', "", null, "two\nlines", "ñ"])).toBe(
      '"a","say ""hi"", you","",,"two\nlines","ñ"\n',
    );
  });
});

describe("values", () => {
  const printed = (type: string, json: string): string | null =>
    printValue(parseExactly(json), parseType(type));

  it.each([
    ["bigint", "9007199254740993", "9007199254740993"],
    ["double", "1.0", "1.0"],
    ["double", "1.0E10", "1.0E10"],
    ["double", '"NaN"', "NaN"],
    ["double", "-0.0", "-0.0"],
    ["boolean", "false", "false"],
    ["timestamp(3)", '"2026-11-20 23:59:59.999"', "2026-11-20 23:59:59.999"],
    ["varbinary", '"AP8="', "00 ff"],
    ["varbinary", '""', ""],
    ["array(double)", "[1.0, null]", "[1.0, null]"],
    ["map(varchar, array(bigint))", '{"k": [1, 2]}', "{k=[1, 2]}"],
    ['row(a bigint, "b, c" row(d varchar(3)), bigint)', '[1, ["x"], null]', "{a=1, b, c={d=x}, field2=null}"],
    ["varchar", "null", null],
  ])("%s %s print as Athena's %j", (type, json, text) => {
    expect(printed(type, json)).toBe(text);
  });

  it("keep the digits of every number and no other", () => {
    expect(parseExactly('{"a":1,"b":1.0,"c":"1.0"}')).toEqual({ a: 1, b: new ExactNumber("1.0"), c: "1.0" });
  });

  it("are printed by their columns", () => {
    const columns = [
      { name: "a", type: "bigint" },
      { name: "b", type: "array(varchar)" },
    ];
    expect(createRowPrinter(columns)([1, ["x", null]])).toEqual(["1", "[x, null]"]);
  });
});

it.each([
  ["varchar", { Type: "varchar", Precision: 2_147_483_647, Scale: 0, CaseSensitive: true }],
  ["varchar(12)", { Type: "varchar", Precision: 12, Scale: 0 }],
  ["decimal(18,9)", { Type: "decimal", Precision: 18, Scale: 9 }],
  ["bigint", { Type: "bigint", Precision: 19, Scale: 0, CaseSensitive: false }],
  ["timestamp(3)", { Type: "timestamp", Precision: 3, Scale: 0 }],
  ["timestamp(3) with time zone", { Type: "timestamp with time zone", Precision: 3 }],
  ["real", { Type: "float", Precision: 17 }],
  ["row(a decimal(3,1), b varchar)", { Type: "row", Precision: 0 }],
])("a column of type %s is described", (type, described) => {
  expect(describeColumn({ name: "x", type })).toMatchObject({ Name: "x", Label: "x", ...described });
});

describe("pages", () => {
  const rows = Array.from({ length: 2_500 }, (_, index) => [String(index)]);
  const columns = [describeColumn({ name: "x", type: "bigint" })];
  const execution = (
    state: Execution["state"] = "SUCCEEDED",
    statementType: "DML" | "UTILITY" = "DML",
  ): Execution =>
    ({ id: "an-id", state, statement: { statementType }, columns, rows }) as unknown as Execution;
  type Page = { NextToken?: string; ResultSet: { Rows: { Data: { VarCharValue?: string }[] }[] } };
  const read = (of: Execution, maxResults?: number): string[][] => {
    const pages: string[][] = [];
    let nextToken: string | undefined;
    do {
      const page = resultsPage(of, { maxResults, nextToken }) as Page;
      pages.push(page.ResultSet.Rows.map(({ Data }) => Data[0]?.VarCharValue ?? ""));
      nextToken = page.NextToken;
    } while (nextToken !== undefined);
    return pages;
  };

  it("hold 1,000 rows, the header first and counted", () => {
    const pages = read(execution());
    expect(pages.map((page) => page.length)).toEqual([1_000, 1_000, 501]);
    expect(pages.flat()).toEqual(["x", ...rows.flat()]);
  });

  it.each([1, 2, 999, 1_000])("of %i rows lose and repeat none", (size) => {
    expect(read(execution(), size).flat()).toEqual(["x", ...rows.flat()]);
  });

  it("have no header for utility statements", () => {
    expect(read(execution("SUCCEEDED", "UTILITY")).flat()).toEqual(rows.flat());
  });

  it.each(["QUEUED", "RUNNING", "FAILED", "CANCELLED"] as const)("are refused in state %s", (state) => {
    expect(() => resultsPage(execution(state), {})).toThrow(state);
  });

  it("refuse a token that is none of theirs", () => {
    for (const text of ["other-id 5", "an-id x", "nonsense"])
      expect(() => resultsPage(execution(), { nextToken: Buffer.from(text).toString("base64") })).toThrow(
        "NextToken",
      );
  });
});

describe("a statement", () => {
  it.each([
    ["SELECT 1 WHERE 1 = ?", 1],
    ["select '?' as \"?\" -- ?\n/* ? */ where 'a''?' = ?;", 1],
    ["WITH t AS (SELECT 1 AS x WHERE ? > 0) SELECT x FROM t WHERE x IN (?, ?) GROUP BY x", 3],
    ["SELECT * FROM a WHERE x IS DISTINCT FROM ? AND y = date_diff('day', ?, z)", 2],
    ["SELECT count(*) FILTER (WHERE x = ?) FROM a", 1],
    ["SELECT x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.x = ?) AND y = ?", 2],
  ])("may have parameters in WHERE: %s", (sql, parameters) => {
    expect(parseStatement(sql)).toMatchObject({ statementType: "DML", parameters });
  });

  it.each([
    "SELECT ?",
    "SELECT * FROM a WHERE x = 1 LIMIT ?",
    "SELECT * FROM a WHERE x = 1 GROUP BY ?",
    "SELECT x FROM (SELECT ? AS x) WHERE x = 1",
    "SELECT x FROM a JOIN b ON a.x = ? WHERE true",
    "SELECT x FROM (SELECT 1 AS x WHERE true) ORDER BY ?",
    "SELECT x FROM a WHERE x IN (SELECT ? FROM b)",
  ])("may have none elsewhere: %s", (sql) => {
    expect(() => parseStatement(sql)).toThrow(/^Parameters are allowed in the WHERE clause only/);
  });

  it.each(["", ";", "-- only", "DROP TABLE x", "SELECT 1; SELECT 2", "EXECUTE x", "SELEC 1"])(
    "may not be %j",
    (sql) => {
      expect(() => parseStatement(sql)).toThrow(expect.objectContaining({ name: "InvalidRequestException" }));
    },
  );

  it("loses its semicolon, and databases become schemas", () => {
    expect(parseStatement("SELECT ';' ; -- end").sql).toBe("SELECT ';' ");
    expect(parseStatement("show /* all */ databases like 'a'").sql).toBe("show /* all */ SCHEMAS like 'a'");
  });

  it("takes parameters as literals beside its text", () => {
    expect(bindParameters("SELECT 'it''s' WHERE ? = ?", ["'a'", "1"])).toBe(
      "EXECUTE IMMEDIATE 'SELECT ''it''''s'' WHERE ? = ?' USING 'a', 1",
    );
    expect(bindParameters("SELECT 1", [])).toBe("SELECT 1");
  });
});

it.each(readdirSync(join(import.meta.dirname, "../../../queries")).filter((file) => file.endsWith(".sql")))(
  "queries/%s has its parameters where Athena takes them",
  (file) => {
    const sql = readFileSync(join(import.meta.dirname, "../../../queries", file), "utf8");
    expect(parseStatement(sql).statementType).toBe("DML");
  },
);

it("an error of the engine is told with its name, and whose fault it is", () => {
  const error = { errorName: "TABLE_NOT_FOUND", message: "line 1:1: no", errorCode: 1 };
  expect(failureOf({ ...error, errorType: "USER_ERROR" })).toEqual({
    category: 2,
    retryable: false,
    message: "TABLE_NOT_FOUND: line 1:1: no",
  });
  expect(failureOf({ ...error, errorType: "INSUFFICIENT_RESOURCES" })).toMatchObject({
    category: 1,
    retryable: true,
  });
  expect(failureOf({ ...error, errorType: "EXTERNAL" })).toMatchObject({ category: 3, retryable: false });
});

describe("the place of results", () => {
  const group = { result: { OutputLocation: "s3://group/" }, bytesLimit: undefined };
  it("is the workgroup's where enforced or none is asked for, else the query's", () => {
    const asked = { OutputLocation: "s3://asked/" };
    expect(resultPlace(asked, { ...group, enforced: true })).toBe(group.result);
    expect(resultPlace(asked, { ...group, enforced: false })).toBe(asked);
    expect(resultPlace(undefined, { ...group, enforced: false })).toBe(group.result);
    expect(() => resultPlace(undefined, { ...group, result: {}, enforced: true })).toThrow(
      /^No output location/,
    );
  });
});
