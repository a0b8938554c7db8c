import type { Fence } from "../domain/fence.ts";

/** Sets fences. Each in one transaction with the number of fences, which grows. */
export interface Fences {
  /**
   * Fences a tag now: its live generation ends. Asked again for the same request it returns the fence that this
   * request set, so that it may be repeated. @returns the fence as it is after
   */
  fence(entry: { readonly tag: string; readonly requestId: string; readonly at: string }): Promise<Fence>;
}
