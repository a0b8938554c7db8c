import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DuckDBConnection } from "@duckdb/node-api";
import { type DecodedArray, parquetMetadataAsync, parquetScan } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { compressZstd, DECOMPRESSORS } from "../functions/adapters/parquet/codecs.ts";
import { intoFile, withFile } from "./file-access.ts";

/** A file, another to write, and whom to leave out. */
export interface Rewrite {
  readonly from: string;
  readonly to: string;
  readonly user: string;
}

/** Every row group encoded anew, column by column: the most that the libraries do without knowing what to copy. */
export const rewriteWithHyparquet = ({ from, to, user }: Rewrite): Promise<void> =>
  withFile(from, (file) =>
    intoFile(to, async (sink) => {
      const metadata = await parquetMetadataAsync(file, { geoparquet: false });
      const scan = await parquetScan({ file, metadata, compressors: DECOMPRESSORS, geoparquet: false });
      const bytes = new ByteWriter();
      const { schema } = metadata;
      const writer = new ParquetWriter({
        writer: bytes,
        schema,
        codec: "ZSTD",
        compressors: { ZSTD: compressZstd },
      });
      const handOn = async (): Promise<void> => {
        await sink(bytes.getBytes().slice());
        bytes.index = 0;
      };
      const names = schema.slice(1).map(({ name }) => name);
      let rowStart = 0;
      for (const { num_rows } of metadata.row_groups) {
        const rowEnd = rowStart + Number(num_rows);
        const columns: DecodedArray[] = [];
        for (const column of names) columns.push(await scan.readColumn({ column, rowStart, rowEnd }));
        const users = Array.from(columns[names.indexOf("user_id")] ?? []);
        const columnData = columns.map((values, index) => ({
          name: names[index] ?? "",
          data: users.includes(user) ? Array.from(values).filter((_, row) => users[row] !== user) : values,
        }));
        await writer.write({ columnData, rowGroupSize: Number(num_rows) });
        await handOn();
        rowStart = rowEnd;
      }
      await writer.finish();
      await handOn();
    }),
  );

export async function rewriteWithDuckdb(
  connection: DuckDBConnection,
  { from, to, user }: Rewrite,
): Promise<void> {
  const rows = `FROM read_parquet('${from}') WHERE user_id <> '${user}'`;
  await connection.run(`COPY (${rows}) TO '${to}' (FORMAT parquet, COMPRESSION zstd)`);
}

/** @param python an interpreter that has pyarrow @returns seconds, without starting it */
export async function rewriteWithPyarrow(python: string, { from, to, user }: Rewrite): Promise<number> {
  const script = join(import.meta.dirname, "erase_with_pyarrow.py");
  const { stdout } = await promisify(execFile)(python, [script, from, to, user]);
  return Number(stdout);
}
