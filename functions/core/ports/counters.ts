/** What the router counts. Names are CloudWatch metrics in namespace `Hilo`. */
export type CounterName =
  | "StoredMessages"
  | "DuplicateMessages"
  | "ConflictingMessages"
  | "DiscardedMessages"
  | "QuarantinedMessages"
  | "RetriedMessages"
  | "RepairsRequested";

/** Adds `n` to a counter. */
export type Count = (name: CounterName, n: number) => void;
