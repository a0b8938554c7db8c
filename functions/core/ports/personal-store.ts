import type { ErasureTarget, StoreCounts } from "../domain/erasure.ts";

/** Something held about a person, for the report that GDPR 15 and 20 give them a right to. */
export type PersonalRecord =
  /** An item, row or document as it is, without Hilo's own bookkeeping where that says nothing about the person. */
  | { readonly kind: "json"; readonly name: string; readonly value: unknown }
  /** A file of theirs. */
  | {
      readonly kind: "file";
      readonly name: string;
      readonly contentType: string;
      readonly body: AsyncIterable<Uint8Array>;
    };

/** Limits of one call. */
export interface ErasePace {
  /** False when the function must soon end: then the call returns `done: false`, and is made again. */
  hasTime(): boolean;
  /**
   * Of these targets those that may be erased now: a legal hold is asked for before each destructive step (a batch of
   * items, an object). @throws TransientError | PermanentError when it cannot be asked: then nothing is erased
   */
  unheld(targets: readonly ErasureTarget[]): Promise<readonly ErasureTarget[]>;
}

/** What one call to `erase` did. */
export interface EraseResult {
  readonly done: boolean;
  /** Removed by this call, by target in their order. A call repeated after a crash may count less, never more. */
  readonly removed: readonly StoreCounts[];
}

/**
 * A store that holds data about people (`PERSONAL_STORES`). Everything here is harmless to repeat; every read is strong
 * where the store has such, and pages to the end; ids are literals. A store that cannot be reached is an error, never empty.
 * All methods throw TransientError | PermanentError that name store, cause and remedy.
 */
export interface PersonalStore {
  /** What is there of each target (generations up to theirs), in their order. Changes nothing. */
  count(targets: readonly ErasureTarget[]): Promise<readonly StoreCounts[]>;

  /**
   * Removes it: resumes by looking at what is left. One person's held data does not keep the others'. Where it throws, the
   * error knows what was removed before (`failedAfter`).
   */
  erase(targets: readonly ErasureTarget[], pace: ErasePace): Promise<EraseResult>;

  /** Looks again, not by the indexes that `erase` used: what is still there, in the targets' order. */
  verify(targets: readonly ErasureTarget[]): Promise<readonly StoreCounts[]>;

  /** All that is held about a person under one id, of any generation. */
  export(person: Pick<ErasureTarget, "user_id" | "tags">): AsyncIterable<PersonalRecord>;
}
