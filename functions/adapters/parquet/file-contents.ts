import type { ColumnChunk, ColumnMetaData } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { decompressPage } from "hyparquet/src/datapage.js";
import type { RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import { DECOMPRESSORS } from "./codecs.ts";
import { COPY_BYTES, readExactly } from "./copy-pieces.ts";
import { groupBytes } from "./decode-group.ts";
import { type Footer, noSuchFile, readFooter } from "./footer.ts";
import { bytesOf, parseFooter } from "./raw-footer.ts";

/**
 * Every byte of a file, and each page and dictionary decompressed; holds one row group.
 * @param columns without pages and bounds of others: what is packed may still show as it is. @default all
 */
export async function* fileContents(
  file: RandomAccessFile,
  columns?: readonly string[],
): AsyncGenerator<Uint8Array, void, undefined> {
  const read = await readFooter(file);
  const { metadata, start: footer } = read;
  const groups = metadata.row_groups
    .filter(({ columns }) => columns.length > 0)
    .map((group) => groupBytes(group, group.columns.map(nameOf), footer))
    .sort((a, b) => a.start - b.start);
  let at = 0;
  for (const { group, start, end } of groups) {
    yield* blocks(file, at, start);
    const bytes = new Uint8Array(await readExactly(file, start, end));
    const chunks = group.columns
      .map((chunk) => ({ chunk, own: groupBytes(group, [nameOf(chunk)], footer) }))
      .sort((a, b) => a.own.start - b.own.start);
    let told = start;
    for (const { chunk, own } of chunks) {
      if (told < own.start) yield bytes.subarray(told - start, own.start - start);
      told = Math.max(told, own.end);
      if (columns && !columns.includes(nameOf(chunk))) continue;
      const packed = bytes.subarray(own.start - start, own.end - start);
      yield packed;
      if (chunk.meta_data) yield* pages(chunk.meta_data, packed);
    }
    at = Math.max(at, end);
  }
  const foot = columns && footerWithout(read, columns);
  for (const index of columns ? indexesBeside(read, columns) : []) {
    if (index.start > at) yield* blocks(file, at, index.start);
    at = Math.max(at, index.end);
  }
  yield* blocks(file, at, foot ? footer : file.byteLength);
  if (foot) yield foot;
}

/** Where the bounds of other columns' pages are, in their order: between the row groups and the footer. */
function indexesBeside(
  { metadata }: Footer,
  columns: readonly string[],
): { readonly start: number; readonly end: number }[] {
  return metadata.row_groups
    .flatMap((group) => group.columns)
    .flatMap((chunk) => {
      const { column_index_offset: start, column_index_length: length } = chunk;
      if (start === undefined || length === undefined || columns.includes(nameOf(chunk))) return [];
      return [{ start: Number(start), end: Number(start) + length }];
    })
    .sort((a, b) => a.start - b.start);
}

/** A footer without the bounds of other columns; `undefined` where it cannot be written again. */
function footerWithout({ metadata, bytes }: Footer, columns: readonly string[]): Uint8Array | undefined {
  const footer = parseFooter(bytes);
  if (footer === undefined) return undefined;
  const groups = footer.field_4.map((group, position) => ({
    ...group,
    field_1: group.field_1.map((chunk, column) => {
      const known = metadata.row_groups[position]?.columns[column];
      if (known && columns.includes(nameOf(known))) return chunk;
      const { field_12: _, ...about } = chunk.field_3;
      return { ...chunk, field_3: about };
    }),
  }));
  return bytesOf({ ...footer, field_4: groups });
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
