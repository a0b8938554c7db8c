import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bindQuery, parseQueryFile } from "../../../functions/core/domain/query-file.ts";
import { withReportingDays } from "../../../functions/core/domain/reporting-day.ts";
import { readQueryFiles } from "../../../functions/runtime/query-files.ts";
import { clausesOfPlaceholders } from "../../support/metrics/placeholders.ts";

const FOLDER = join(import.meta.dirname, "../../../queries");
const files = readQueryFiles(FOLDER);
const readme = readFileSync(join(FOLDER, "README.md"), "utf8");

describe("where parameters stand", () => {
  test.each([
    ["SELECT ? FROM t", ["SELECT"]],
    ["SELECT a FROM t WHERE b = ? ORDER BY c LIMIT ?", ["WHERE", "LIMIT"]],
    ["SELECT a FROM t WHERE f(g(b), ?) AND c IN (?, ?)", ["WHERE", "WHERE", "WHERE"]],
    ["SELECT a FROM t WHERE b = (SELECT max(?) FROM u WHERE c = ?)", ["SELECT", "WHERE"]],
    ["SELECT count(*) FILTER (WHERE b = ?) FROM t", ["FILTER"]],
    ["WITH c AS (SELECT 1 FROM t WHERE d = ?) SELECT e FROM c JOIN f ON g = ?", ["WHERE", "ON"]],
    ["SELECT '?', \"?\" FROM t -- ?\n WHERE a = '''?' GROUP BY ?", ["GROUP"]],
  ])("is told of %s", (sql, clauses) => {
    expect(clausesOfPlaceholders(sql)).toEqual(clauses);
  });
});

describe.each([...files])("queries/%s.sql", (name, query) => {
  test("has its parameters in WHERE only, as many as its header says", () => {
    expect(clausesOfPlaceholders(query.sql)).toEqual(query.parameters.map(() => "WHERE"));
  });

  test("takes means and sums of doubles as decimals: the order of the rows changes no digit", () => {
    const means = [...query.sql.matchAll(/\bavg\(([^;]{0,120})/g)].map(([, argument = ""]) => argument);
    for (const argument of means) expect(argument).toContain("AS decimal(");
    expect(query.sql).not.toMatch(/\bsum\(\w+_mean\b/);
  });

  test("names itself, its description and its columns", () => {
    expect(query.name).toBe(name);
    expect(query.description).toMatch(/\.$/);
    expect(query.columns.length).toBeGreaterThan(0);
    expect(new Set(query.columns.map((column) => column.name)).size).toBe(query.columns.length);
  });

  test("has no question mark in a comment, which engines might count, and no line too long to read", () => {
    const text = readFileSync(join(FOLDER, `${name}.sql`), "utf8");
    expect(text.match(/--.*\?/g)).toBeNull();
    expect(text.split("\n").filter((line) => line.length > 120)).toEqual([]);
  });

  test("is told of in the README, and every column of its result is defined there", () => {
    expect(readme).toContain(`\`${name}\``);
    for (const column of query.columns) expect(readme).toContain(`\`${column.name}\``);
  });

  test("takes values of the types it names", () => {
    const values = Object.fromEntries(
      query.parameters.map(({ name, type }) => [
        name,
        { string: "a", date: "2026-11-20", bigint: 7, double: 0.5 }[type],
      ]),
    );
    expect(bindQuery(query, values).map(({ type }) => type)).toEqual(
      query.parameters.map(({ type }) => type),
    );
  });
});

test("a day and a range are computed by the same text but for what is asked", () => {
  const body = (name: string): string | undefined =>
    files
      .get(name)
      ?.sql.replace("date BETWEEN ? AND ?", "date = ?")
      .replace(
        `messages.year BETWEEN ? AND ?
      AND (messages.year, messages.month, messages.day) BETWEEN (?, ?, ?) AND (?, ?, ?)`,
        `((messages.year = ? AND messages.month = ? AND messages.day = ?)
        OR (messages.year = ? AND messages.month = ? AND messages.day = ?))`,
      );
  expect(body("metrics-range")).toBe(body("daily-metrics"));
  expect(files.get("metrics-range")?.columns).toEqual(files.get("daily-metrics")?.columns);
});

test("tables of the written metrics have the columns of their queries", () => {
  for (const name of ["daily-metrics", "daily-breakdown"]) {
    const schema: { columns: { name: string; type: string }[] } = JSON.parse(
      readFileSync(join(FOLDER, "schema", `${name}.json`), "utf8"),
    );
    const columns = files
      .get(name)
      ?.columns.map((column) => [column.name, column.type.replace("varchar", "string")]);
    expect(schema.columns.map((column) => [column.name, column.type])).toEqual(columns);
  }
});

test("every file of the folder is a query with a header", () => {
  expect(readdirSync(FOLDER).filter((file) => file.endsWith(".sql"))).toHaveLength(files.size);
});

describe("a header that is wrong", () => {
  const header = (line: string): string =>
    `-- q\n-- What.\n-- Parameters, in order:\n--   ${line}\nSELECT 1\n`;

  test.each(["a", "a  timestamp  no such type", "a date what"])("says so: %s", (line) => {
    expect(() => parseQueryFile(header(line))).toThrow(/^q: /);
  });
});

describe("values", () => {
  const query = parseQueryFile(`-- q
-- What.
-- Parameters, in order:
--   day    date    a day
--   name   string  a name
--   count  bigint  a count
--   share  double  a share
-- Columns:
--   a  bigint  -  one
SELECT 1 AS a`);
  const fine = { day: "2026-11-20", name: "'; DROP TABLE messages --", count: "7", share: "0.5" };

  test("come in the order of the placeholders, typed, text untouched", () => {
    expect(bindQuery(query, fine)).toEqual([
      { type: "date", value: "2026-11-20" },
      { type: "string", value: "'; DROP TABLE messages --" },
      { type: "bigint", value: 7n },
      { type: "double", value: 0.5 },
    ]);
  });

  test.each([
    ["a day that is none", { ...fine, day: "2026-02-30" }],
    ["a day with more behind it", { ...fine, day: "2026-11-20' OR '1'='1" }],
    ["a count that is none", { ...fine, count: "7; DROP" }],
    ["a count beyond doubles", { ...fine, count: 2 ** 53 }],
    ["a share that is none", { ...fine, share: " " }],
    ["an infinite share", { ...fine, share: "1e999" }],
    ["a number as text", { ...fine, name: 7 }],
    ["one more", { ...fine, other: "1" }],
    ["one less", { day: "2026-11-20", name: "a", count: "7" }],
  ])("are refused: %s", (_, values) => {
    expect(() => bindQuery(query, values)).toThrow(RangeError);
  });

  test("that are refused are not repeated", () => {
    expect(() => bindQuery(query, { ...fine, day: "whatsapp:+34600000001" })).toThrow(/^q: day takes a day/);
  });
});

test("days of a query are completed by zone and partitions", () => {
  const query = files.get("daily-metrics");
  const values = query && withReportingDays(query, { date: "2026-12-31" }, "America/Santiago");
  expect(values).toEqual({
    date: "2026-12-31",
    timezone: "America/Santiago",
    first_year: 2026,
    first_month: 12,
    first_day: 31,
    last_year: 2027,
    last_month: 1,
    last_day: 1,
  });
});
