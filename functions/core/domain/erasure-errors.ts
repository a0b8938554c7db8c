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
