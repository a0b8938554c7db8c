import { zstdDecompressSync } from "node:zlib";
import { parquetMetadata } from "hyparquet";
import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";

/** A page's header by the field numbers of parquet.thrift, as far as it is needed here. */
interface PageHeader {
  readonly field_2: number;
  readonly field_3: number;
  readonly field_8?: { readonly field_5: number; readonly field_6: number; readonly field_7?: boolean };
}

/**
 * All that a zstd file says, byte for byte: the file itself, and each of its pages and dictionaries decompressed.
 * Knows nothing of values or rows, so that what a reader would pass over is there too.
 */
export function bytesAndPages(file: Uint8Array): Buffer {
  const found: Uint8Array[] = [file];
  for (const { columns } of parquetMetadata(file).row_groups)
    for (const { meta_data } of columns) {
      if (!meta_data) throw new Error("a column without metadata");
      let at = Number(meta_data.dictionary_page_offset ?? meta_data.data_page_offset);
      const end = at + Number(meta_data.total_compressed_size);
      while (at < end) {
        const reader = { view: new DataView(file.buffer, file.byteOffset), offset: at };
        const header = deserializeTCompactProtocol(reader) as unknown as PageHeader;
        const page = file.subarray(reader.offset, reader.offset + header.field_3);
        const levels = (header.field_8?.field_5 ?? 0) + (header.field_8?.field_6 ?? 0);
        const isPlain = header.field_8?.field_7 === false || header.field_2 === levels;
        found.push(isPlain ? page : zstdDecompressSync(page.subarray(levels)));
        at = reader.offset + header.field_3;
      }
      if (at !== end) throw new Error("pages do not fill their column");
    }
  return Buffer.concat(found);
}

/** Bytes of each row group. */
export const groupsOf = (file: Uint8Array): Uint8Array[] =>
  parquetMetadata(file).row_groups.map(({ columns }) => {
    const starts = columns.map(({ meta_data }) =>
      Number(meta_data?.dictionary_page_offset ?? meta_data?.data_page_offset),
    );
    const sizes = columns.map(({ meta_data }) => Number(meta_data?.total_compressed_size));
    const start = Math.min(...starts);
    return file.subarray(start, start + sizes.reduce((sum, size) => sum + size, 0));
  });
