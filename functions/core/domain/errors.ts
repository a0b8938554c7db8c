/**
 * Errors are named for what the workflow must do with them. The names are literals because a
 * bundler renames classes and Step Functions matches Retry and Catch by name.
 * Messages carry store, cause and remedy, never a user id or a text.
 */

/** Try again later: throttled, timed out, unreachable. */
export class TransientError extends Error {
  override readonly name = "TransientError";
}

/** Will never succeed: goes to quarantine with the field at fault. */
export class InvalidMessageError extends Error {
  override readonly name = "InvalidMessageError";
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** The person was erased up to a later moment than this message: discard. */
export class FencedError extends Error {
  override readonly name = "FencedError";
}

/** Wrong credentials, region, table, permission or configuration: fail, say the remedy. */
export class PermanentError extends Error {
  override readonly name = "PermanentError";
}
