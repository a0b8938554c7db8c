import type { MessageMetadata, RoutedMessage, RowKey, StoredMessage } from "../domain/message.ts";
import type { AnalyticsOutcome, RowOutcome } from "../domain/outcome.ts";

/** Analysis of one stored message, to be written back. */
export interface AnalysisUpdate {
  readonly item: number;
  readonly tag: string;
  readonly row: StoredMessage;
  /** Only the fields to fill in. */
  readonly filled: MessageMetadata;
}

/** The durable store of messages: what it holds may be acknowledged. */
export interface MessageStore {
  /**
   * Stores a batch: once only, edits and deletions folded into their rows, counters exactly once,
   * each person's part in one transaction that checks the ledger. One outcome a message, in order.
   * @throws TransientError | PermanentError when the store as a whole cannot be used.
   */
  store(messages: readonly RoutedMessage[]): Promise<RowOutcome[]>;

  /** Writes analysis back at the next revision, only onto the revision that was analysed and its generation. */
  applyAnalyses(updates: readonly AnalysisUpdate[]): Promise<AnalyticsOutcome[]>;
}

/** Reads rows. */
export interface MessageReader {
  /** The rows with these keys, read strongly; absent and expired ones are left out. Any number of keys; one row for a key that repeats. */
  byKeys(keys: readonly RowKey[]): Promise<StoredMessage[]>;

  /**
   * The newest `limit` live rows of a person in generation `generation` or later, newest first in the
   * order shown; expired ones are left out. Reads strongly, pages until it has enough.
   * @param deleted whether deleted rows among them are left out or come too, beyond the limit @default "left-out"
   */
  recent(
    userId: string,
    generation: number,
    limit: number,
    deleted?: "left-out" | "included",
  ): Promise<StoredMessage[]>;
}
