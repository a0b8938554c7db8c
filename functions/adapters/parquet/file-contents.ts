import type { ColumnChunk, ColumnMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import type { RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import { DECOMPRESSORS } from "./codecs.ts";
import { COPY_BYTES, readExactly } from "./copy-pieces.ts";
import { groupBytes } from "./decode-group.ts";
import { noSuchFile, readFooter } from "./footer.ts";

/** Every byte of a file, and each page and dictionary (of these columns) decompressed; holds one row group. */
export async function* fileContents(
  file: RandomAccessFile,
  columns?: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const { metadata, start: footer } = await readFooter(file);
  const groups = metadata.row_groups
    .filter(({ columns }) => columns.length > 0)
    .map((group) => groupBytes(group, group.columns.map(nameOf), footer))
    .sort((a, b) => a.start - b.start);
  let at = 0;
  for (const { group, start, end } of groups) {
    yield* blocks(file, at, start);
    const bytes = new Uint8Array(await readExactly(file, start, end));
    yield bytes;
    for (const chunk of group.columns) {
      if (columns && !columns.includes(nameOf(chunk))) continue;
      const own = groupBytes(group, [nameOf(chunk)], footer);
      if (chunk.meta_data) yield* pages(chunk.meta_data, bytes.subarray(own.start - start, own.end - start));
    }
    at = Math.max(at, end);
  }
  yield* blocks(file, at, file.byteLength);
}

const nameOf = ({ meta_data }: ColumnChunk): string => meta_data?.path_in_schema.join(".") ?? "";

async function* blocks(file: RandomAccessFile, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; at += COPY_BYTES)
    yield new Uint8Array(await readExactly(file, at, Math.min(end, at + COPY_BYTES)));
}

/** Pages of a column chunk, but for those that are not compressed. */
function* pages({ codec }: ColumnMetaData, chunk: Uint8Array): Generator<Uint8Array> {
  const reader = { view: new DataView(chunk.buffer, chunk.byteOffset, chunk.byteLength), offset: 0 };
  while (reader.offset < chunk.byteLength) {
    let page: Uint8Array;
    try {
      const header = parquetHeader(reader);
      const { compressed_page_size: size, uncompressed_page_size: whole, data_page_header_v2: v2 } = header;
      // Levels come before what is compressed, since the second version of pages.
      const levels = (v2?.definition_levels_byte_length ?? 0) + (v2?.repetition_levels_byte_length ?? 0);
      const stored = chunk.subarray(reader.offset + levels, reader.offset + size);
      reader.offset += size;
      if (v2?.is_compressed === false) continue;
      page = decompressPage(stored, whole - levels, codec, DECOMPRESSORS);
    } catch (error) {
      throw noSuchFile("a page cannot be read", error);
    }
    yield page;
  }
}
