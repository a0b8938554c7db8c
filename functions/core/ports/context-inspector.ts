import type { ContextMessage } from "./context-cache.ts";

/** What the cache would serve of a person. */
export interface HeldContext {
  /** Newest first, in the order shown. */
  readonly messages: readonly ContextMessage[];
  /** True where the person has no older ones. */
  readonly isWhole: boolean;
}

/** Looks at cached contexts without touching their lives. */
export interface ContextInspector {
  /** One a tag, in order, in one round trip; `undefined` where a read would miss. @throws TransientError | PermanentError */
  held(tags: readonly string[]): Promise<(HeldContext | undefined)[]>;
}
