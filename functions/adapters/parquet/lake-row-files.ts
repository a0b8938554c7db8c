import type { LakeRow } from "../../core/domain/lake-row.ts";
import { type LakeSchema, MESSAGES } from "../../core/domain/lake-schema.ts";
import type { ByteSink, LakeRowFiles, RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import { writeWithHyparquet } from "./hyparquet-rows.ts";
import { writeWithParquetjs } from "./parquetjs-rows.ts";
import { readRows } from "./read-rows.ts";
import type { TableRow } from "./row-groups.ts";

/** Library that writes the lake's files. What they hold is the same. */
export type LakeWriter = "hyparquet" | "parquetjs";

const WRITERS: Readonly<Record<LakeWriter, typeof writeWithHyparquet>> = {
  hyparquet: writeWithHyparquet,
  parquetjs: writeWithParquetjs,
};

/** Columns without which rows of two files cannot be told apart or merged. */
const MERGED_BY = ["revision", "generation"];

/** Writes and reads the Parquet files of one table. Memory does not grow with the file. */
export interface ParquetFiles<Row extends TableRow> {
  write(rows: AsyncIterable<Row>, sink: ByteSink): Promise<number>;
  read(file: RandomAccessFile): AsyncIterable<Row>;
}

/** Files of the table `messages`. */
export const createLakeRowFiles = (writer: LakeWriter): LakeRowFiles =>
  createParquetFiles<LakeRow>(MESSAGES, writer, [...MESSAGES.order, ...MERGED_BY]);

/**
 * Files of any table with a schema of the lake.
 * @param needed columns that a file must have to be read; others it does not have are null
 */
export function createParquetFiles<Row extends TableRow = TableRow>(
  schema: LakeSchema,
  writer: LakeWriter,
  needed: readonly string[] = schema.order,
): ParquetFiles<Row> {
  const write = WRITERS[writer];
  return {
    write: (rows, sink) => write(schema, rows, sink),
    // Every column of the schema is in what is read, so it has the shape that the schema describes.
    read: (file) => readRows(schema, needed, file) as AsyncIterable<Row>,
  };
}
