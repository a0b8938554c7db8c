import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { LakeSchema } from "../../core/domain/lake-schema.ts";
import type { ByteSink } from "../../core/ports/lake-row-files.ts";
import { compressZstd } from "./codecs.ts";
import { createdBy, fileMetadata, hasBounds, parquetSchemaOf } from "./parquet-schema.ts";
import { type RowGroup, rowGroups, type TableRow } from "./row-groups.ts";

/** Bytes of a string's bounds that the footer keeps: whole user ids, as a rule. */
const BOUND_BYTES = 64;

/** What files written here say about who wrote them. */
export const HYPARQUET_WRITER = createdBy("hyparquet-writer");

/** Writes a table's file with hyparquet-writer; holds one row group. @returns how many rows */
export const writeWithHyparquet = (
  schema: LakeSchema,
  rows: AsyncIterable<TableRow>,
  sink: ByteSink,
): Promise<number> => writeGroups(schema, rowGroups(schema, rows), sink);

/** The same of groups that are to be row groups of the file as they are; their values were checked before. */
export async function writeGroups(
  schema: LakeSchema,
  groups: AsyncIterable<RowGroup> | Iterable<RowGroup>,
  sink: ByteSink,
): Promise<number> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: parquetSchemaOf(schema),
    codec: "ZSTD",
    compressors: { ZSTD: compressZstd },
    statisticsTruncateLength: BOUND_BYTES,
    kvMetadata: fileMetadata(schema),
    createdBy: HYPARQUET_WRITER,
  });
  const sorting_columns = schema.order.map((name) => ({
    column_idx: schema.columns.findIndex((column) => column.name === name),
    descending: false,
    nulls_first: false,
  }));
  let written = 0;
  for await (const group of groups) {
    const columnData = schema.columns.map((column, index) => {
      const data = group.columns[index] ?? [];
      return {
        name: column.name,
        data,
        statistics: hasBounds(schema, column),
        // The library's dictionary takes -0 for 0.
        ...(column.type === "double" && data.some(isNegativeZero) && { encoding: "PLAIN" as const }),
      };
    });
    await file.write({ columnData, rowGroupSize: group.rows });
    const last = file.row_groups.at(-1);
    if (last && sorting_columns.length > 0) last.sorting_columns = sorting_columns;
    written += group.rows;
    await sink(taken(bytes));
  }
  await file.finish();
  await sink(taken(bytes));
  return written;
}

const isNegativeZero = (value: unknown): boolean => Object.is(value, -0);

/** The bytes written since the last time, as the sink's own: the writer goes on with its buffer. */
function taken(bytes: ByteWriter): Uint8Array {
  const chunk = bytes.getBytes().slice();
  bytes.index = 0;
  return chunk;
}
