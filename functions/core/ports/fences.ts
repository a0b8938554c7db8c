import type { Fence } from "../domain/fence.ts";

/** Whom to fence. */
export interface FenceEntry {
  /** `KeyChain.tag` */
  readonly tag: string;
  /**
   * The person's tags under every key (`KeyChain.tags`): while keys are rotated a fence is written under more than one.
   * @default only `tag`
   */
  readonly tags?: readonly string[];
  readonly requestId: string;
  /** ISO 8601, ms, UTC. */
  readonly at: string;
}

/** Sets fences. Each in one transaction with the number of fences, which grows. */
export interface Fences {
  /**
   * Fences a person now: their live generation ends at the later of `at` and the moment it is written, and never before
   * an earlier fence. Asked again for the same request it returns the fence that this request set, so that it may be
   * repeated. @returns the fence that this request set
   * @throws TransientError where the ledger is kept under a key whose tag is missing; TransientError | PermanentError
   */
  fence(entry: FenceEntry): Promise<Fence>;
}

/** A fence and the request that set it. */
export interface SetFence extends Fence {
  readonly requestId: string;
}

/** Who was fenced last by which request. */
export interface FenceHistory {
  /**
   * The last fences of these tags (`KeyChain.tag`), read strongly; a tag without one is absent.
   * @throws TransientError | PermanentError as `ErasureLedger.fences`
   */
  last(tags: readonly string[]): Promise<ReadonlyMap<string, SetFence>>;
}
