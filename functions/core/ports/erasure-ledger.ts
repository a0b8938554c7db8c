import type { Fence } from "../domain/fence.ts";

/** The fences: who was erased, and up to when. */
export interface ErasureLedger {
  /**
   * Fences of these tags, read strongly, one round trip for up to 100; a tag without one is absent.
   * @throws TransientError | PermanentError when the ledger cannot be read: then nothing may be written.
   */
  fences(tags: readonly string[]): Promise<ReadonlyMap<string, Fence>>;
}
