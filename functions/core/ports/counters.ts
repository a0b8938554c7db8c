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
  | "DataQualityBreaches"
  /** Requests for erasure that are done, and those of which a store could not be erased or verified. */
  | "CompletedErasures"
  | "FailedErasures"
  /** Requests that the daily look could not go on with. */
  | "UncheckedErasures";

/** Names of what is measured rather than counted: a zero says something too. */
export type GaugeName =
  /** Days older than two that are dirty or were never exported. */
  | "UnexportedDays"
  /** Age in days of the oldest request for erasure that is not done, and of the oldest that waits for a legal hold. */
  | "OldestOpenErasureDays"
  | "OldestWaitingErasureDays"
  /** Rows of erased people that the daily audit found in the lake; the next pass removes them. */
  | "ErasedRowsInLake"
  /** How many fences the ledger holds: what a restored ledger must hold at least. */
  | "Fences"
  /** Legal holds whose people have no copy. */
  | "HoldsWithoutCopy";

/** Adds `n` to a counter. */
export type Count = (name: CounterName, n: number) => void;

/** States the present value of a gauge. */
export type SetGauge = (name: GaugeName, value: number) => void;
