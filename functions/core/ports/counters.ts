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
  | "UncomparedShards"
  /** What a day's data has that it should not, by its quality's thresholds. */
  | "DataQualityBreaches";

/** Names of what is measured rather than counted: a zero says something too. */
export type GaugeName =
  /** Days older than two that are dirty or were never exported. */
  "UnexportedDays";

/** Adds `n` to a counter. */
export type Count = (name: CounterName, n: number) => void;

/** States the present value of a gauge. */
export type SetGauge = (name: GaugeName, value: number) => void;
