import type { LakeRow } from "../domain/lake-row.ts";

/** Bytes that can be read anywhere; of one version of an object, so that they never change. */
export interface RandomAccessFile {
  readonly byteLength: number;
  /** Bytes from `start` to `end` (exclusive, default: the end). */
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/** Takes a file's bytes in order; resolves when it can take more. */
export type ByteSink = (chunk: Uint8Array) => Promise<void>;

/** Writes and reads files of lake rows. Memory does not grow with the file. */
export interface LakeRowFiles {
  /** Writes rows, which come in the lake's order, and the end of the file. @returns how many */
  write(rows: AsyncIterable<LakeRow>, sink: ByteSink): Promise<number>;

  /** Rows of a file in its order, group after group. Columns it does not have are null. @throws PermanentError when it is no such file */
  read(file: RandomAccessFile): AsyncIterable<LakeRow>;
}
