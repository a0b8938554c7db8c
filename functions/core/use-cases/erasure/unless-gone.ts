import { TransientError } from "../../domain/errors.ts";
import { VersionGoneError } from "../../domain/lake-errors.ts";

const MAX_READS = 5;

/**
 * Reads again, list and all, where a version that was read is replaced and removed meanwhile, as other erasures do.
 * @throws TransientError when that happens each of five times
 */
export async function unlessGone<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof VersionGoneError)) throw error;
      if (attempt === MAX_READS)
        throw new TransientError(`it was replaced ${MAX_READS} times while it was read: it is retried`);
    }
  }
}
