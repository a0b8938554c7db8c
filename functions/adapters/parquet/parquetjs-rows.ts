import parquetjs from "parquetjs-lite";
import { PARQUET_LOGICAL_TYPES } from "parquetjs-lite/lib/types.js";
import { DAY_MS } from "../../core/domain/day.ts";
import { PermanentError } from "../../core/domain/errors.ts";
import type { LakeValue } from "../../core/domain/lake-row.ts";
import type { LakeSchema, LakeType } from "../../core/domain/lake-schema.ts";
import type { ByteSink } from "../../core/ports/lake-row-files.ts";
import { fileMetadata } from "./parquet-schema.ts";
import { type RowGroup, rowGroups, type TableRow } from "./row-groups.ts";

/**
 * The library's own INT64 rounds what is beyond 2^53, and its DOUBLE refuses NaN. These two take a value as it is;
 * values were checked before. It looks types up by name in this table, and a name it does not know among
 * Parquet's annotations leaves the column without one, which is right for both.
 */
const EXACT = { bigint: "HILO_INT64", double: "HILO_DOUBLE" } as const;
const asItIs = (value: unknown): unknown => value;
PARQUET_LOGICAL_TYPES[EXACT.bigint] = {
  primitiveType: "INT64",
  originalType: EXACT.bigint,
  toPrimitive: asItIs,
};
PARQUET_LOGICAL_TYPES[EXACT.double] = {
  primitiveType: "DOUBLE",
  originalType: EXACT.double,
  toPrimitive: asItIs,
};

const STORED: Readonly<Record<LakeType, string>> = {
  string: "UTF8",
  json: "UTF8",
  boolean: "BOOLEAN",
  timestamp: "TIMESTAMP_MILLIS",
  date: "DATE",
  ...EXACT,
};

/**
 * Writes a table's file with parquetjs-lite; holds one row group. Against its faults: rows are appended one after
 * another and awaited (it drops and repeats rows otherwise), no column has statistics (its bounds make readers miss
 * rows), no page index (Trino refuses it), values are checked before it sees them (it converts without a word), and
 * its bytes are handed on here (it does not await all of its own writes).
 * @returns how many rows
 */
export async function writeWithParquetjs(
  schema: LakeSchema,
  rows: AsyncIterable<TableRow>,
  sink: ByteSink,
): Promise<number> {
  const bytes: Uint8Array[] = [];
  const handOn = async (): Promise<void> => {
    for (const chunk of bytes.splice(0)) await sink(chunk);
  };
  const fields = new parquetjs.ParquetSchema(
    Object.fromEntries(
      schema.columns.map(({ name, type, nullable }) => [
        name,
        {
          type: STORED[type],
          optional: nullable,
          compression: "SNAPPY" as const,
          statistics: false as const,
        },
      ]),
    ),
  );
  const file = new parquetjs.ParquetWriter(
    fields,
    new parquetjs.ParquetEnvelopeWriter(
      fields,
      (chunk) => void bytes.push(chunk),
      () => undefined,
      0,
      { pageIndex: false },
    ),
    {},
  );
  for (const { key, value } of fileMetadata(schema)) file.setMetadata(key, value ?? "");
  let written = 0;
  for await (const group of rowGroups(schema, rows)) {
    file.setRowGroupSize(group.rows);
    for (let index = 0; index < group.rows; index++)
      await attempt(() => file.appendRow(rowOf(schema, group, index)));
    written += group.rows;
    await handOn();
  }
  await attempt(() => file.close());
  await handOn();
  return written;
}

/** Dates as such: as numbers the library refuses those before 1970. */
function rowOf({ columns }: LakeSchema, group: RowGroup, index: number): Record<string, LakeValue | Date> {
  const row: Record<string, LakeValue | Date> = {};
  for (const [position, { name, type }] of columns.entries()) {
    const value = group.columns[position]?.[index] ?? null;
    row[name] =
      typeof value !== "number" || type === "double"
        ? value
        : new Date(type === "date" ? value * DAY_MS : value);
  }
  return row;
}

/** The library throws texts that hold the value. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch {
    throw new PermanentError("parquetjs-lite refused a row: write with hyparquet (configuration lakeWriter)");
  }
}
