import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { afterAll, describe, expect, test } from "vitest";
import { describeQuery } from "../../../cli/export/query-result.ts";
import { writeResult } from "../../../cli/export/result-file.ts";
import type { QueryResult } from "../../../functions/core/ports/query-runner.ts";
import { readQueryFiles } from "../../../functions/runtime/query-files.ts";

const folder = mkdtempSync(join(tmpdir(), "hilo-result-"));
afterAll(() => rmSync(folder, { recursive: true }));

const columns = [
  { name: "date", type: "date" },
  { name: "text", type: "varchar" },
  { name: "count", type: "bigint" },
  { name: "share", type: "double" },
  { name: "fine", type: "boolean" },
  { name: "at", type: "timestamp" },
];
const result = (rows: QueryResult["rows"]): QueryResult => ({ columns, rows, bytesScanned: 1 });
const row = (over: Record<string, string | number | bigint | boolean | null> = {}) => ({
  date: "2026-11-20",
  text: "a",
  count: 1n,
  share: 0.5,
  fine: true,
  at: "2026-11-20 23:59:59.999",
  ...over,
});

describe("CSV", () => {
  async function csvOf(...rows: QueryResult["rows"]): Promise<string[]> {
    const file = join(folder, "result.csv");
    await writeResult("q", result(rows), "csv", file);
    return readFileSync(file, "utf8").split("\r\n");
  }

  test("has a header, a line a row, and an end of line at the end", async () => {
    expect(await csvOf(row(), row({ fine: false }))).toEqual([
      "date,text,count,share,fine,at",
      "2026-11-20,a,1,0.5,true,2026-11-20 23:59:59.999",
      "2026-11-20,a,1,0.5,false,2026-11-20 23:59:59.999",
      "",
    ]);
  });

  test("has the header alone where there is no row", async () => {
    expect(await csvOf()).toEqual(["date,text,count,share,fine,at", ""]);
  });

  test.each([
    ['=HYPERLINK("http://evil")', '"\'=HYPERLINK(""http://evil"")"'],
    ["+34600000001", "'+34600000001"],
    ["-2+3", "'-2+3"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["\t=1", "'\t=1"],
    ["a,b", '"a,b"'],
    ["ñ 🙂", "ñ 🙂"],
    ["", '""'],
    ["a\n=1+1", '"a\n=1+1"'],
    ["a\rb", '"a\rb"'],
  ])("keeps a text a text: %j", async (text, cell) => {
    expect((await csvOf(row({ text })))[1]).toBe(`2026-11-20,${cell},1,0.5,true,2026-11-20 23:59:59.999`);
  });

  test("keeps numbers numbers, all their digits, and what is missing empty", async () => {
    const lines = await csvOf(row({ count: -(2n ** 53n) - 1n, share: -0.25, text: null, fine: null }));
    expect(lines[1]).toBe("2026-11-20,,-9007199254740993,-0.25,,2026-11-20 23:59:59.999");
  });
});

describe("Parquet", () => {
  test("has the types of the columns and all digits", async () => {
    const file = join(folder, "result.parquet");
    const none = { date: null, text: null, count: null, share: null, fine: null, at: null };
    await writeResult("q", result([row({ count: 2n ** 53n + 1n, text: "=1" }), none]), "parquet", file);
    const bytes = readFileSync(file);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
    const { zstdDecompressSync } = await import("node:zlib");
    const read = await parquetReadObjects({
      file: buffer,
      compressors: { ZSTD: (data) => zstdDecompressSync(data) },
    });
    expect(read).toEqual([
      {
        date: new Date("2026-11-20"),
        text: "=1",
        count: 9_007_199_254_740_993n,
        share: 0.5,
        fine: true,
        at: new Date("2026-11-20T23:59:59.999Z"),
      },
      none,
    ]);
  });
});

test("a file that cannot be written is an error, and leaves nothing behind", async () => {
  for (const format of ["csv", "parquet"] as const)
    await expect(writeResult("q", result([row()]), format, join(folder, "no", "such"))).rejects.toThrow(
      "ENOENT",
    );
  expect(readdirSync(folder).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("a query tells what it asks for, and nothing that follows from it", () => {
  const query = readQueryFiles(join(import.meta.dirname, "../../../queries")).get("top-intents");
  expect(query && describeQuery(query).split("\n").slice(1)).toEqual([
    "  --param from=<date>  first reporting day",
    "  --param to=<date>  last reporting day",
    "  --param limit=<bigint>  how many intents at most",
    "  --param timezone=<string>  IANA name; the stage's reporting time zone unless given",
  ]);
});
