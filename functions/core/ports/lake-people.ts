/** A person and the generation in which an object holds them. */
export interface LakePerson {
  readonly user_id: string;
  readonly generation: number;
}

/**
 * Which objects of the lake hold whom (table `user-objects`). Always a superset of what is in the objects: people are
 * added before the object is committed, and removed, by erasers only, after it was replaced.
 */
export interface LakePeople {
  /**
   * Records that `key` holds data of these people (at most 100, each once). A lower generation never replaces a higher.
   * @returns how many entries were written @throws TransientError | PermanentError: then the object must not be committed
   */
  add(key: string, people: readonly LakePerson[]): Promise<number>;

  /** How many of these people (at most 100) have no entry for `key`, or one of a lower generation; read strongly. */
  missing(key: string, people: readonly LakePerson[]): Promise<number>;
}
