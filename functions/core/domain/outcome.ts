/** Outcomes name their message by its index in the batch: ids may repeat in one. */
interface Outcome {
  readonly item: number;
}

/** `applied`: the cache holds it. `invalidated`: the context was dropped. `older`: something newer is there. */
export interface CacheOutcome extends Outcome {
  readonly status: "applied" | "invalidated" | "older";
}

/**
 * - `stored`: written now (`sort_key`, `revision`).
 * - `duplicate`: it was there already, also as an edit or deletion applied before.
 * - `superseded`: a later edit or a deletion had come first; nothing changed.
 * - `pending`: an edit or deletion that came before its message; kept and applied when that arrives.
 * - `conflict`: same id, another body; the first one stays.
 * - `stale-generation`: the ledger moved since the router read it; route again.
 * - `failed`: transient; try again. `reason` names store and cause.
 */
export interface RowOutcome extends Outcome {
  readonly status:
    | "stored"
    | "duplicate"
    | "superseded"
    | "pending"
    | "conflict"
    | "stale-generation"
    | "failed";
  /** The row this message belongs to, where there is one. */
  readonly sort_key?: string;
  readonly revision?: number;
  readonly reason?: string;
}

/** `current`: the index already holds this state of it or a later one. `skipped`: there is no row to index. */
export interface IndexOutcome extends Outcome {
  readonly status: "indexed" | "current" | "skipped" | "failed";
  readonly reason?: string;
}

/** `skipped`: nothing to fill in. `lost`: the row went away or changed meanwhile. */
export interface AnalyticsOutcome extends Outcome {
  readonly status: "analysed" | "skipped" | "lost" | "failed";
  readonly sort_key?: string;
  readonly revision?: number;
  readonly reason?: string;
}
