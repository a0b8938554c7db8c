import { PermanentError } from "../core/domain/errors.ts";
import { isOwnError, type Log } from "./logger.ts";

/**
 * Does a step of an erasure. What it throws is kept in the history of an execution: an error that is not ours may quote what it
 * was about, so that only its name goes on.
 * @param event what the log says when it fails
 * @param fields ids of Hilo and counts, for the log
 */
export async function keepPrivate<T>(
  log: Log,
  event: string,
  fields: Readonly<Record<string, string | number | boolean>>,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    log.error(event, error, fields);
    if (isOwnError(error)) throw error;
    const name = error instanceof Error ? error.name : typeof error;
    throw new PermanentError(`unexpected ${name}: the function's log has the request's id`);
  }
}
