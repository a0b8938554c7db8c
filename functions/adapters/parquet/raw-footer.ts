import { deserializeTCompactProtocol } from "hyparquet/src/thrift.js";
import { ByteWriter } from "hyparquet-writer";
import { serializeTCompactProtocol } from "hyparquet-writer/src/thrift.js";

/**
 * A footer as Thrift has it, fields by their numbers in parquet.thrift, so that also what no library here knows is
 * kept as it is. Named are those that say where something is, and few more.
 */
export interface RawFooter extends RawStruct {
  /** num_rows */
  readonly field_3: bigint;
  /** row_groups */
  readonly field_4: readonly RawGroup[];
}

export interface RawGroup extends RawStruct {
  /** columns */
  readonly field_1: readonly RawChunk[];
  /** num_rows */
  readonly field_3: bigint;
  /** file_offset */
  readonly field_5?: bigint;
}

/** A column of a row group. Offsets and lengths of its indexes come in pairs. */
export interface RawChunk extends RawStruct {
  /** file_offset */
  readonly field_2?: bigint;
  readonly field_3: RawColumn;
  /** offset_index_offset, offset_index_length */
  readonly field_4?: bigint;
  readonly field_5?: number;
  /** column_index_offset, column_index_length */
  readonly field_6?: bigint;
  readonly field_7?: number;
}

interface RawColumn extends RawStruct {
  /** total_compressed_size */
  readonly field_7: bigint;
  /** data_page_offset, index_page_offset, dictionary_page_offset */
  readonly field_9: bigint;
  readonly field_10?: bigint;
  readonly field_11?: bigint;
  readonly field_12?: RawStatistics;
  /** bloom_filter_offset, bloom_filter_length */
  readonly field_14?: bigint;
  readonly field_15?: number;
}

interface RawStatistics extends RawStruct {
  /** max_value, min_value; what they were called before was compared in other ways */
  readonly field_5?: Uint8Array;
  readonly field_6?: Uint8Array;
}

interface RawStruct {
  readonly [field: `field_${number}`]: unknown;
}

/** @returns `undefined` where the libraries would not write it again byte for byte: then it holds what they do not know */
export function parseFooter(bytes: ArrayBuffer): RawFooter | undefined {
  const footer = parseStruct(bytes) as RawFooter;
  return Buffer.from(bytesOf(footer)).equals(Buffer.from(bytes)) ? footer : undefined;
}

const parseStruct = (bytes: ArrayBuffer): RawStruct =>
  deserializeTCompactProtocol({ view: new DataView(bytes), offset: 0 });

export function bytesOf(struct: RawStruct): Uint8Array {
  const writer = new ByteWriter();
  serializeTCompactProtocol(writer, struct);
  return writer.getBytes();
}

/** A row group so many bytes further on; its indexes are where they were. */
export const movedGroup = (group: RawGroup, by: bigint): RawGroup => ({
  ...moved(group, ["field_5"], by),
  field_1: group.field_1.map((chunk) => ({
    ...moved(chunk, ["field_2"], by),
    field_3: moved(chunk.field_3, ["field_9", "field_10", "field_11"], by),
  })),
});

/** An offset index of pages that are so many bytes further on. */
export function movedOffsetIndex(bytes: ArrayBuffer, by: bigint): Uint8Array {
  const index = parseStruct(bytes) as RawStruct & { readonly field_1: readonly RawStruct[] };
  return bytesOf({ ...index, field_1: index.field_1.map((page) => moved(page, ["field_1"], by)) });
}

/** Offsets that are there, moved; some writers say 0 where there is nothing. */
function moved<Struct extends RawStruct>(
  struct: Struct,
  fields: readonly `field_${number}`[],
  by: bigint,
): Struct {
  const offsets = fields.flatMap((field) => {
    const offset = struct[field];
    return typeof offset === "bigint" && offset > 0n ? [[field, offset + by]] : [];
  });
  return { ...struct, ...Object.fromEntries(offsets) };
}
