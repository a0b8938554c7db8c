import {
  type DecodedArray,
  type FileMetaData,
  type ParquetParsers,
  parquetScan,
  type RowGroup,
} from "hyparquet";
import { DECOMPRESSORS } from "./codecs.ts";
import { noSuchFile } from "./footer.ts";

/** Bytes as they are: a byte order mark stays, and what is no UTF-8 is an error instead of another character. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** Makes the values of `LakeRow`. */
const PARSERS: Partial<ParquetParsers> = {
  stringFromBytes: (bytes) => utf8.decode(bytes),
  timestampFromMilliseconds: (millis) => Number(millis),
  timestampFromMicroseconds: (micros) => {
    if (micros % 1_000n !== 0n) throw new RangeError("a time is not of whole milliseconds");
    return Number(micros / 1_000n);
  },
  dateFromDays: (days) => days,
};

/** A row group, and where the bytes of its columns are. */
export interface GroupBytes {
  readonly group: RowGroup;
  readonly start: number;
  readonly end: number;
}

/**
 * @param end where the bytes of all rows end
 * @throws PermanentError when the group would lie elsewhere
 */
export function groupBytes(group: RowGroup, columns: readonly string[], end: number): GroupBytes {
  const ranges = group.columns.flatMap(({ meta_data }) => {
    if (!meta_data || !columns.includes(meta_data.path_in_schema.join("."))) return [];
    // Some writers say 0 where there is no dictionary.
    const first = Number(meta_data.dictionary_page_offset || meta_data.data_page_offset);
    const start = Math.min(first, Number(meta_data.data_page_offset));
    return [{ start, end: start + Number(meta_data.total_compressed_size) }];
  });
  const range = {
    group,
    start: Math.min(...ranges.map(({ start }) => start)),
    end: Math.max(...ranges.map((one) => one.end)),
  };
  if (ranges.length < columns.length || range.start < 4 || range.end > end)
    throw noSuchFile("a row group lies outside of it, or lacks columns");
  return range;
}

/** Columns of one row group, in the order asked for. @throws PermanentError when the bytes are no such columns */
export async function decodeGroup(
  metadata: FileMetaData,
  { group, start, end }: GroupBytes,
  columns: readonly string[],
  bytes: ArrayBuffer,
): Promise<DecodedArray[]> {
  if (bytes.byteLength !== end - start) throw noSuchFile("fewer bytes came than it has");
  const rows = Number(group.num_rows);
  try {
    const scan = await parquetScan({
      file: { byteLength: end, slice: (from, to) => bytes.slice(from - start, (to ?? end) - start) },
      metadata: { ...metadata, row_groups: [group] },
      columns: [...columns],
      compressors: DECOMPRESSORS,
      parsers: PARSERS,
      geoparquet: false,
      useOffsetIndex: false,
    });
    const decoded: DecodedArray[] = [];
    for (const column of columns) {
      const values = await scan.readColumn({ column, rowStart: 0, rowEnd: rows });
      if (values.length !== rows) throw new RangeError("a column has another number of rows");
      decoded.push(values);
    }
    return decoded;
  } catch (error) {
    throw noSuchFile("a row group cannot be decoded", error);
  }
}
