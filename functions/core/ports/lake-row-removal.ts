import type { LakeRow } from "../domain/lake-row.ts";
import type { ByteSink, RandomAccessFile } from "./lake-row-files.ts";

/** A person whose rows up to a generation go. */
export interface RemovedPerson {
  readonly user_id: string;
  /** Rows of this generation and of earlier ones go; later ones stay. */
  readonly generation: number;
}

/** What a file holds of one person. */
export interface PersonRows {
  /** Rows that would go. */
  readonly rows: number;
  /** Rows of later generations. */
  readonly staying: number;
}

/** What became of a file. */
export interface RowRemoval {
  /** Rows left in the file. */
  readonly rows: number;
  /** Rows removed, by user id; who had none is absent. */
  readonly removed: ReadonlyMap<string, number>;
  /** Of the people asked for: those of whom rows of a later generation stay in the file. */
  readonly staying: ReadonlySet<string>;
  /** Row groups copied byte for byte. */
  readonly copied: number;
  /** Row groups encoded anew; all that are left, where the file was rewritten whole. */
  readonly encoded: number;
  /** Row groups of which no row is left. */
  readonly dropped: number;
  /** Bytes of the row groups that were copied. */
  readonly copiedBytes: number;
  /** Bytes that were encoded anew: of row groups, or of the file where it was rewritten whole. */
  readonly encodedBytes: number;
}

/**
 * Removes people from files of rows with `user_id` and `generation`. Memory grows neither with the file nor with the
 * rows removed; people may be thousands, and each may be named more than once.
 */
export interface LakeRowRemoval<Row = LakeRow> {
  /**
   * Counts the rows of these people without changing anything; reads ids only, of the row groups that can hold them.
   * @param groups `all`: bounds are not believed, which is for who checks a removal
   * @returns an entry for each who has any @throws PermanentError when it is no such file
   */
  count(
    file: RandomAccessFile,
    people: readonly RemovedPerson[],
    groups?: "possible" | "all",
  ): Promise<ReadonlyMap<string, PersonRows>>;

  /**
   * Writes the file without these people: a valid one also where no row is left.
   * @param onRemoved gets each removed row, for the content hash
   * @throws PermanentError when it is no such file; what the file or the sink throw passes through
   */
  remove(
    file: RandomAccessFile,
    people: readonly RemovedPerson[],
    sink: ByteSink,
    onRemoved: (row: Row) => void,
  ): Promise<RowRemoval>;
}

/** All that a file says, for who searches it for somebody without believing its structure. */
export interface LakeFileContents {
  /**
   * Every byte of the file, and each page and dictionary decompressed, piece after piece. A value may lie across two
   * pieces of what is not compressed.
   * @param columns pages and bounds of others are left out. @default all @throws PermanentError when it is no Parquet file
   */
  contents(file: RandomAccessFile, columns?: readonly string[]): AsyncIterable<Uint8Array>;
}
