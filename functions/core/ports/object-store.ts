/** Which objects hold a person's data, so that erasing them costs what the person has. */
export interface ObjectIndex {
  /** Records that `key` holds data of this person. Always before the object is written. */
  add(entry: { user_id: string; key: string; generation: number }): Promise<void>;
}

/** The bucket. Keys never contain a user's or a platform's id. */
export interface ObjectStore {
  /** Writes an object whole. @throws TransientError | PermanentError */
  put(key: string, body: string, contentType: string): Promise<void>;
}
