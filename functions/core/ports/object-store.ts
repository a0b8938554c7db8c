/** Which objects hold a person's data, so that erasing them costs what the person has. */
export interface ObjectIndex {
  /**
   * Records that `key` holds data of this person. Always before the object is written; only an erasure forgets it.
   * @throws TransientError where it is recorded for a later generation: the person was erased since whoever writes asked
   */
  add(entry: { user_id: string; key: string; generation: number }): Promise<void>;
}

/** The bucket. Keys never contain a user's or a platform's id. */
export interface ObjectStore {
  /** Writes an object whole. @throws TransientError | PermanentError */
  put(key: string, body: string, contentType: string): Promise<void>;

  /** An object's text; `undefined` where there is none. @throws TransientError | PermanentError */
  get(key: string): Promise<string | undefined>;

  /** Removes an object's current version; one that is not there is no error. @throws TransientError | PermanentError */
  remove(key: string): Promise<void>;
}
