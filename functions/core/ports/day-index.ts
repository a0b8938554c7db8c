import type { RowKey, StoredMessage } from "../domain/message.ts";

/** A document of the search index as far as a comparison needs it. */
export interface IndexedDocument extends RowKey, Pick<StoredMessage, "generation" | "revision"> {
  readonly timestamp: string;
  readonly first_received_at: string;
  /** The index's own name of exactly this state of the document. */
  readonly handle: string;
}

/** Result of removing a document; `changed`: another state is there now, which stays. */
export type RemovalResult =
  | { readonly status: "removed" | "changed" }
  | { readonly status: "failed"; readonly reason: string };

/** The search index by the UTC day that its messages were written on. */
export interface DayIndex {
  /** Makes all that was indexed visible to `documents`. @throws TransientError | PermanentError */
  refresh(): Promise<void>;

  /**
   * Documents of one shard (0 to 15) of a day, deleted messages' too, ordered as `DayReader` orders rows, read as far
   * as they are asked for. @throws TransientError | PermanentError
   */
  documents(day: string, shard: number): AsyncIterable<IndexedDocument>;

  /** Removes documents that are as they were read. One result each, in order. @throws TransientError | PermanentError */
  remove(documents: readonly IndexedDocument[]): Promise<RemovalResult[]>;
}
