import type { ContextComparison, Person } from "../contracts/repair-day.ts";

/** Compares cached contexts with the rows, where the cache can be reached. */
export interface ContextComparer {
  /** For up to `MAX_PEOPLE`. @throws TransientError | PermanentError when cache or rows cannot be used */
  compare(people: readonly Person[]): Promise<ContextComparison>;
}
