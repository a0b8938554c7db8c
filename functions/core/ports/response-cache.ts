/** Life of an answer where the caller gives none, in seconds. */
export const RESPONSE_SECONDS = 3_600;
/** Life of an answer that many people ask for, in seconds. */
export const COMMON_RESPONSE_SECONDS = 86_400;

/** Answers that do not depend on who asks, by type. */
export interface ResponseCache {
  get(type: string): Promise<string | undefined>;
  /** @param seconds how long it stays, 1 or more. @default RESPONSE_SECONDS */
  set(type: string, value: string, seconds?: number): Promise<void>;
}
