/** That an object holds data of a person, up to a generation. */
export interface PersonObject {
  /** Personal data: never in logs or errors. */
  readonly user_id: string;
  readonly key: string;
  /** The highest generation of the person that may be in the object. */
  readonly generation: number;
}

/** Which objects hold a person (table `user-objects`), for who removes them. All throw TransientError | PermanentError. */
export interface PersonObjects {
  /** A person's objects whose keys begin with a prefix, of any generation, ordered by key; read strongly, to the end. */
  list(userId: string, prefix: string): AsyncIterable<PersonObject>;

  /** Forgets entries of this generation or a lower one; always after the object was replaced or removed. @returns how many */
  remove(entries: readonly PersonObject[]): Promise<number>;
}
