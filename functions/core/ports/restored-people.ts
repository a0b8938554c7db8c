/** Somebody whose data was found in what a restore brought back. */
export interface FoundPerson {
  /** Personal data: never in logs or errors. Absent where only the keyed hash is there, as in the cache. */
  readonly user_id?: string;
  /** Keyed hash under which it is stored; absent where it is stored by id. */
  readonly tag?: string;
  /** The highest generation seen, where the data says one. */
  readonly generation?: number;
}

/** Everybody who is in what was restored: a scan of all of it, once, before it serves. */
export interface RestoredPeople {
  /** Each at least once. @throws TransientError | PermanentError: what cannot be read is never taken for empty */
  all(): AsyncIterable<FoundPerson>;
}
