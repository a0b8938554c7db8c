/** What the router counts. Names are CloudWatch metrics in namespace `Hilo`. */
export type CounterName =
  | "StoredMessages"
  | "DuplicateMessages"
  | "ConflictingMessages"
  | "DiscardedMessages"
  | "QuarantinedMessages"
  | "RetriedMessages"
  | "RepairsRequested"
  /** Between table, index and cache, found by a comparison. */
  | "MendedDifferences"
  | "RemainingDifferences"
  /** Shards of a day whose comparison did not reach its end, or not the cache. */
  | "UncomparedShards";

/** Adds `n` to a counter. */
export type Count = (name: CounterName, n: number) => void;
