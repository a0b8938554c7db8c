import type { TagRange } from "../domain/tag-range.ts";

/** Something of the ledger that is kept under a person's tag. */
export interface TaggedEntry {
  readonly kind: "fence" | "hold";
  readonly tag: string;
}

/** How far a rotation of the hash keys is. */
export interface TagRotation extends TagRange {
  /** Every fence is there under the tags of the keys up to this one; they may be asked for when `complete` says so. */
  readonly copied: number;
  /** Nothing is stored any more under tags of keys before this one. */
  readonly removed: number;
  /** When the range was last moved, ISO 8601, ms, UTC; absent before the first rotation. */
  readonly moved_at?: string;
}

/** A page of the ledger, and where to go on. */
export interface TagPage {
  readonly entries: readonly TaggedEntry[];
  /** Absent on the last page. */
  readonly next?: string;
}

/**
 * The tags under which the ledger keeps fences and holds, for a rotation of the keys. Reads are strong; every write may
 * be repeated. All methods throw TransientError | PermanentError.
 */
export interface LedgerTags {
  rotation(): Promise<TagRotation>;

  /** Moves the range, in one step with what depends on it. @returns false when it is no longer `from` */
  move(from: TagRotation, to: Omit<TagRotation, "moved_at">): Promise<boolean>;

  /** Where a walk through the ledger stopped; `undefined` where it has not begun, or another one has since. */
  stoppedAt(walk: string): Promise<string | undefined>;
  /** Writes down where a walk is; only one is under way. */
  stopAt(walk: string, page: string | undefined): Promise<void>;

  /** Everything that is kept under a tag, page by page: reads the whole ledger. */
  page(start?: string): Promise<TagPage>;

  /** Keeps a fence under another tag of the same person too, unless a newer one is there. */
  copyFence(tag: string, to: string): Promise<void>;

  /** Removes a fence that is there, or a newer one, under another tag of the same person; copies it first if not. */
  replaceFence(tag: string, by: string): Promise<void>;

  /** Keeps a hold under another tag of the same person instead. */
  moveHold(tag: string, to: string): Promise<void>;
}
