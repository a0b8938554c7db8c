import { type FileMetaData, parquetMetadata } from "hyparquet";
import { PermanentError } from "../../core/domain/errors.ts";
import type { RandomAccessFile } from "../../core/ports/lake-row-files.ts";

/** A footer is so long at most, as a rule: one request then. */
const FIRST_TRY_BYTES = 256 * 1024;
/** Four bytes of the footer's length and `PAR1`. */
const TAIL_BYTES = 8;
const SMALLEST_FILE = 4 + TAIL_BYTES;
const MAGIC = 0x31524150;

/** What is wrong with a file, in words that hold none of it. */
export const noSuchFile = (detail: string, cause?: unknown): PermanentError =>
  new PermanentError(`This is no Parquet file of the lake: ${detail}`, { cause });

/** A file's footer as it was read. */
export interface Footer {
  readonly metadata: FileMetaData;
  /** Where it starts: rows and indexes end there. */
  readonly start: number;
  /** Its bytes, without its length and `PAR1`. */
  readonly bytes: ArrayBuffer;
}

/**
 * Reads a Parquet file's footer.
 * @throws PermanentError when the file is no Parquet or was cut off; what `slice` throws passes through
 */
export async function readFooter(file: RandomAccessFile): Promise<Footer> {
  const size = file.byteLength;
  if (size < SMALLEST_FILE) throw noSuchFile("it is too short");
  const tail = await file.slice(Math.max(0, size - FIRST_TRY_BYTES), size);
  const view = new DataView(tail);
  if (view.byteLength < TAIL_BYTES || view.getUint32(view.byteLength - 4, true) !== MAGIC)
    throw noSuchFile("it does not end with PAR1: it is of another kind, or cut off");
  const length = view.getUint32(view.byteLength - TAIL_BYTES, true) + TAIL_BYTES;
  const start = size - length;
  if (start < 4) throw noSuchFile("its footer is longer than the file");
  const footer = length <= tail.byteLength ? tail.slice(-length) : await file.slice(start, size);
  try {
    const bytes = footer.slice(0, -TAIL_BYTES);
    return { metadata: parquetMetadata(footer, { geoparquet: false }), start, bytes };
  } catch (error) {
    throw noSuchFile("its footer cannot be read", error);
  }
}
