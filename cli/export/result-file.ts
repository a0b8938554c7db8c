import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { stringify } from "csv-stringify";
import { createParquetFiles } from "../../functions/adapters/parquet/lake-row-files.ts";
import { DAY_MS } from "../../functions/core/domain/day.ts";
import { type LakeType, lakeSchemaOf } from "../../functions/core/domain/lake-schema.ts";
import type { QueryResult, QueryValue } from "../../functions/core/ports/query-runner.ts";

export type ResultFormat = "csv" | "parquet";

/**
 * Writes a query's result to a file, which is replaced whole or left as it is.
 * @param name of the query
 */
export async function writeResult(
  name: string,
  result: QueryResult,
  format: ResultFormat,
  file: string,
): Promise<void> {
  // A file that is half written never has the name asked for.
  const part = `${file}.part`;
  try {
    if (format === "csv") await writeCsv(result, part);
    else await writeParquet(name, result, part);
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/**
 * CSV by RFC 4180, in UTF-8. A text that a spreadsheet would take for a formula gets an apostrophe before it; a missing
 * value is empty and an empty text is `""`.
 */
async function writeCsv({ columns, rows }: QueryResult, file: string): Promise<void> {
  const names = columns.map(({ name }) => name);
  const csv = stringify({
    header: true,
    columns: names,
    escape_formulas: true,
    record_delimiter: "windows",
    // By itself it quotes `\r\n` only: a line's end of another kind would begin a row, which may be a formula.
    quoted_match: /^$|[\r\n]/,
    cast: {
      // Without these it writes 1 for true and nothing for false, and an apostrophe before negative whole numbers.
      boolean: (value) => String(value),
    },
  });
  const done = pipeline(csv, createWriteStream(file));
  for (const row of rows) csv.write(names.map((name) => row[name]));
  csv.end();
  await done;
}

/** Parquet types of Athena's; what is none of them stays the text that Athena writes. */
const LAKE_TYPES: Readonly<Record<string, LakeType>> = {
  bigint: "bigint",
  integer: "bigint",
  smallint: "bigint",
  tinyint: "bigint",
  double: "double",
  float: "double",
  boolean: "boolean",
  date: "date",
  timestamp: "timestamp",
};

async function writeParquet(name: string, { columns, rows }: QueryResult, file: string): Promise<void> {
  const schema = lakeSchemaOf({
    table: name,
    description: `Result of the query ${name}`,
    order: [],
    columns: columns.map((column) => ({
      name: column.name,
      type: LAKE_TYPES[column.type] ?? "string",
      nullable: true,
      personal: false,
      meaning: column.name,
    })),
  });
  const typed = (async function* () {
    for (const row of rows)
      yield Object.fromEntries(
        schema.columns.map((column) => [column.name, parquetValue(column.type, row[column.name] ?? null)]),
      );
  })();
  const out = await open(file, "w");
  try {
    const files = createParquetFiles(schema, "hyparquet");
    await files.write(typed, (chunk) => out.appendFile(chunk));
  } finally {
    await out.close();
  }
}

function parquetValue(type: LakeType, value: QueryValue): QueryValue {
  if (value === null) return null;
  if (type === "bigint") return BigInt(value);
  if (type === "date") return Date.parse(String(value)) / DAY_MS;
  // Athena prints `2026-11-20 12:00:00.000`, in UTC.
  if (type === "timestamp") return Date.parse(`${String(value).replace(" ", "T")}Z`);
  return value;
}
