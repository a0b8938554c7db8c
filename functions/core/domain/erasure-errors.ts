import type { StoreCounts } from "./erasure.ts";
import { FencedError, InvalidMessageError, PermanentError, TransientError } from "./errors.ts";

/** Stores of a request could not be erased or verified: it stays open. The message names them and their causes. */
export class StoresFailedError extends Error {
  override readonly name = "StoresFailedError";
}

const OWN_ERRORS = [
  TransientError,
  PermanentError,
  FencedError,
  InvalidMessageError,
  StoresFailedError,
] as const;

/** Name and message of one of Hilo's errors; of any other only its name, for its message may quote data. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  return OWN_ERRORS.some((type) => error instanceof type) ? `${error.name}: ${error.message}` : error.name;
}

const REMOVED = new WeakMap<Error, readonly StoreCounts[]>();

/** The same error, which knows what the call had removed before it failed, by target: it cannot be counted again. */
export function failedAfter<E>(error: E, removed: readonly StoreCounts[]): E {
  if (error instanceof Error) REMOVED.set(error, removed);
  return error;
}

/** What a call to `PersonalStore.erase` had removed when it failed so. */
export const removedBefore = (error: unknown): readonly StoreCounts[] =>
  (error instanceof Error && REMOVED.get(error)) || [];
