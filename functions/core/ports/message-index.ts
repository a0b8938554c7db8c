import type { StoredMessage } from "../domain/message.ts";

/** Result of indexing one row; `current`: this revision or a later one is there already. */
export type IndexResult =
  | { readonly status: "indexed" | "current" }
  | { readonly status: "failed"; readonly reason: string };

/** Writes the search index. */
export interface MessageIndex {
  /** Indexes rows at their revision in one bulk call. One result a row, in order. */
  index(rows: readonly StoredMessage[]): Promise<IndexResult[]>;
}

/** A full-text query. */
export interface SearchQuery {
  readonly text: string;
  readonly user_id?: string;
  /** 1 to 100 */
  readonly limit: number;
}

/** A document found, with the matching words between `<em>` and `</em>`. */
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
  /** Live documents that match, best first, and how many there are in all. */
  search(query: SearchQuery): Promise<{ readonly total: number; readonly hits: readonly SearchHit[] }>;
}
