import type { StoredMessage } from "../domain/message.ts";

/** Result of indexing one row; `current`: this state of it or a later one is there already. */
export type IndexResult =
  | { readonly status: "indexed" | "current" }
  | { readonly status: "failed"; readonly reason: string };

/** Writes the search index. */
export interface MessageIndex {
  /**
   * Indexes rows at their `documentVersion` in one bulk call. One result a row, in order; deleted rows keep their
   * revision and lose their text. A reason names field and cause, never a value.
   * @throws TransientError | PermanentError when the index as a whole cannot be used
   */
  index(rows: readonly StoredMessage[]): Promise<IndexResult[]>;
}

/** A full-text query. */
export interface SearchQuery {
  /** Words that must all be there, accents and inflection aside; "in quotes" they must follow each other. Any text is allowed. */
  readonly text: string;
  readonly user_id?: string;
  /** 1 to 100 */
  readonly limit: number;
}

/** A document found, with the matching words between `<em>` and `</em>`. The rest is as people wrote it: escape it for a page. */
export interface SearchHit {
  readonly message_id: string;
  readonly user_id: string;
  readonly timestamp: string;
  readonly role: string;
  readonly score: number;
  readonly highlight: readonly string[];
}

/** Reads the search index. */
export interface MessageSearch {
  /**
   * Live documents that match, best first, then newest, and how many there are in all.
   * @throws TransientError | PermanentError
   */
  search(query: SearchQuery): Promise<{ readonly total: number; readonly hits: readonly SearchHit[] }>;
}
