import type { RowKey, StoredMessage } from "../domain/message.ts";

/** A row as far as a comparison needs it. */
export type RowSummary = RowKey & Pick<StoredMessage, "generation" | "revision">;

/** Reads rows by the UTC day they were written on. */
export interface DayReader {
  /**
   * Live rows of one shard (0 to 15) of a day (`YYYY-MM-DD`), ordered by the UTF-8 bytes of user id, then sort key,
   * read as far as they are asked for. Eventually consistent: a row just written may lack, a revision lag.
   */
  rows(day: string, shard: number): AsyncIterable<RowSummary>;

  /** The same of one person. */
  rowsOf(day: string, userId: string): AsyncIterable<RowSummary>;
}
