import type { Message, MessageKind, StoredMessage } from "../domain/message.ts";
import type { CacheOutcome } from "../domain/outcome.ts";

/** Newest messages a context holds. A fill brings this many rows. */
export const CONTEXT_CAPACITY = 50;

/**
 * Longest time between a message's cache write and its row write (the workflow's time limit, 60 s), with 30 s for
 * clocks that differ and functions that pause. A context younger than this may lack a message under way.
 */
export const IN_FLIGHT_MS = 90_000;

/** What a bot needs to know of a recent message. */
export type ContextMessage = Pick<
  Message,
  | "message_id"
  | "session_id"
  | "conversation_id"
  | "timestamp"
  | "first_received_at"
  | "position"
  | "message_type"
  | "role"
  | "content"
  | "metadata"
> &
  Partial<Pick<Message, "reply_to" | "tool_calls" | "media" | "ai_model_used">> & {
    readonly revision: number;
    readonly edited_at?: string;
  };

/** A message on its way to the cache before its row exists. */
export interface CacheWrite {
  readonly tag: string;
  readonly generation: number;
  readonly kind: MessageKind;
  /** Revision 1; ignored for edits and deletions, which drop the context (their row's revision is not known yet). */
  readonly message: ContextMessage;
}

/** A right to fill one context, lost by any write, DEL or eviction in between. */
export interface FillLease {
  readonly tag: string;
  readonly generation: number;
  readonly token: string;
}

/** Recent messages of each person. Holds no authority: anything may be evicted at any time. */
export interface ContextCache {
  /**
   * The newest `limit` messages (1 or more), newest first; `undefined` is a miss. One round trip. More than the
   * context holds are a hit only where the person has no more.
   */
  read(tag: string, limit: number): Promise<ContextMessage[] | undefined>;

  /**
   * Applies new messages, pipelined in one round trip; renews the person's session. One outcome each, in order.
   * Whatever the rows then say otherwise (duplicate, conflict, superseded) must be mended with `apply`.
   * @throws TransientError | PermanentError; writing the same again is harmless
   */
  write(writes: readonly CacheWrite[]): Promise<CacheOutcome[]>;

  /**
   * Applies stored rows at their revision (equal revisions: the row wins); deleted ones become tombstones. Where no
   * context is held, nothing happens.
   */
  apply(rows: readonly { readonly tag: string; readonly row: StoredMessage }[]): Promise<void>;

  /** Drops contexts and any fill under way. */
  invalidate(tags: readonly string[]): Promise<void>;

  /** Starts a fill; `undefined` when a later generation is there already. */
  beginFill(tag: string, generation: number): Promise<FillLease | undefined>;

  /**
   * Puts rows into the context and marks it complete, if the lease survived.
   * @param rows read after `beginFill`, strongly: the newest `CONTEXT_CAPACITY`, in any order. Fewer means that
   * there are no more. Deleted ones belong here too: they keep a late copy of their message out.
   * @returns false when it did not: the cache is as it was.
   */
  commitFill(lease: FillLease, rows: readonly StoredMessage[]): Promise<boolean>;
}
