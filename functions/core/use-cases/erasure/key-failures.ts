import type { StoreCounts } from "../../domain/erasure.ts";
import { failedAfter } from "../../domain/erasure-errors.ts";
import { PermanentError, TransientError } from "../../domain/errors.ts";

/** Failures of single objects, which keep none of the others from being erased. */
export class KeyFailures {
  readonly #failed: { readonly key: string; readonly error: unknown }[] = [];

  /** Runs the work on an object and keeps what it throws for `throwAny`. */
  async collect(key: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failed.push({ key, error });
    }
  }

  /**
   * @param removed what was removed of the others, by target
   * @throws PermanentError where one was, or else TransientError: they name an object and say how many failed
   */
  throwAny(store: string, removed: readonly StoreCounts[] = []): void {
    const failed = this.#failed.find(({ error }) => !(error instanceof TransientError)) ?? this.#failed[0];
    if (failed === undefined) return;
    const { key, error } = failed;
    const message = `${store}: ${this.#failed.length} of its objects failed, such as ${key}: ${reasonOf(error)}`;
    const failure =
      error instanceof TransientError ? new TransientError(message) : new PermanentError(message);
    throw failedAfter(failure, removed);
  }
}

/** Messages of the domain name no person; those of others may quote data. */
const reasonOf = (error: unknown): string =>
  error instanceof TransientError || error instanceof PermanentError
    ? error.message
    : error instanceof Error
      ? error.name
      : "unknown";
