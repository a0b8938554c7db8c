import type { Fence } from "../domain/fence.ts";

/** The fences: who was erased, and up to when. */
export interface ErasureLedger {
  /**
   * Fences of these tags (`KeyChain.tag`), read strongly, one round trip for up to 99; a tag without one is absent.
   * @throws TransientError | PermanentError when the ledger cannot be read, or is kept under other keys than a tag was made
   * with: then nothing may be written.
   */
  fences(tags: readonly string[]): Promise<ReadonlyMap<string, Fence>>;
}
