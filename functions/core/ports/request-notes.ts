/** What a request for erasure notes while it lasts: what it touches, for when nothing else names that any more. */
export interface RequestNotes {
  /** The same one again changes nothing. */
  add(notes: readonly string[]): Promise<void>;
  all(): Promise<readonly string[]>;
}
