/** What could not be stored, and why. Person-addressable, so that an erasure finds it. */
export interface QuarantineEntry {
  /** `unknown` where the body does not say. */
  readonly user_id: string;
  /** Present when the user is known: the write then checks the ledger. */
  readonly tag?: string;
  readonly generation?: number;
  /** ISO 8601, ms, UTC. */
  readonly first_received_at: string;
  /** Id of the queue's message: makes the entry idempotent. */
  readonly source_id: string;
  /** Machine-readable cause, such as `invalid-json`, `invalid-field`, `conflict`, `too-large`. */
  readonly code: string;
  /** Path of the field at fault, such as `metadata.message_id`; `body` for the whole. */
  readonly field: string;
  /** What is wrong and how to mend it, without any value from the body. */
  readonly detail: string;
  /** The body as it came, or the S3 key that holds it. */
  readonly body: { readonly text: string } | { readonly object: string; readonly bytes: number };
  /** How often it was sent again and came back. @default 0 */
  readonly retries?: number;
}

/** Keeps what can never be stored. */
export interface Quarantine {
  /**
   * Keeps an entry; the same one again changes nothing.
   * @returns `stale-generation` when the person's ledger entry moved since it was read.
   */
  put(entry: QuarantineEntry): Promise<"kept" | "stale-generation">;
}
