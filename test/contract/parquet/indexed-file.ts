import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { compressZstd } from "../../../functions/adapters/parquet/codecs.ts";
import { HYPARQUET_WRITER } from "../../../functions/adapters/parquet/hyparquet-rows.ts";
import { fileMetadata, parquetSchemaOf } from "../../../functions/adapters/parquet/parquet-schema.ts";
import type { LakeValue } from "../../../functions/core/domain/lake-row.ts";
import type { LakeSchema } from "../../../functions/core/domain/lake-schema.ts";
import { fileOf } from "../../support/parquet/rows.ts";

/** A file as this program could write it one day: pages of some rows, indexes of them, and a Bloom filter of people. */
export function indexedFile(
  schema: LakeSchema,
  rows: readonly Readonly<Record<string, LakeValue>>[],
  groupRows: number,
): ReturnType<typeof fileOf> {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: parquetSchemaOf(schema),
    codec: "ZSTD",
    compressors: { ZSTD: compressZstd },
    statisticsTruncateLength: 64,
    kvMetadata: fileMetadata(schema),
    createdBy: HYPARQUET_WRITER,
  });
  const columnData = schema.columns.map(({ name, type }) => ({
    name,
    data: rows.map((row) => row[name] ?? null),
    // The library's dictionary takes -0 for 0.
    ...(type === "double" && { encoding: "PLAIN" as const }),
    columnIndex: true,
    bloomFilter: name === "user_id",
  }));
  void file.write({ columnData, rowGroupSize: groupRows, pageSize: 200 });
  void file.finish();
  return fileOf(bytes.getBytes());
}
