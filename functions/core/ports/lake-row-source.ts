import type { LakeRow } from "../domain/lake-row.ts";
import type { RowKey, StoredMessage } from "../domain/message.ts";

/** Rows of a day that are to be in the lake. */
export interface LakeRowSource {
  /**
   * Streams of these shards' (0 to 15) rows of a UTC day, each in the lake's order and page after page as it is asked
   * for; memory is a few pages a stream. Deleted rows and expired ones that are still there come too.
   * Eventually consistent. @throws TransientError | PermanentError while a stream is read
   */
  streams(day: string, shards: readonly number[]): readonly AsyncIterable<readonly LakeRow[]>[];

  /**
   * Where rows were taken before they are asked for: when. What was written later may be missing among them.
   * Absent: they are taken as they are asked for. ISO 8601, ms, UTC. @throws PermanentError when there are none
   */
  takenAt?(day: string): Promise<string>;
}

/** The table of rows, for a comparison with the lake. */
export interface LakeRowTable {
  /** Keys of one shard of a day as the day's index has them, in the lake's order, page after page. */
  keys(day: string, shard: number): AsyncIterable<readonly RowKey[]>;

  /** Rows with these keys (at most 100), read strongly, expired ones that are still there too; absent ones are left out. */
  byKeys(keys: readonly RowKey[]): Promise<StoredMessage[]>;
}
