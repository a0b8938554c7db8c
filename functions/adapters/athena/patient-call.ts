import { InvalidRequestException } from "@aws-sdk/client-athena";
import { TransientError } from "../../core/domain/errors.ts";
import { awsError } from "../aws-errors.ts";

/** Waits so many milliseconds. @throws the signal's reason when it is aborted */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

const BASE_MS = 200;
const CAP_MS = 5_000;

/** How long a call may be repeated, and by what clock. */
export interface Patience {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: Sleep;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Moment after which nothing is tried again. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Calls Athena again where it throttles, fails by itself or cannot be reached: waits from 0 to 200 ms, doubled with
 * each attempt, 5 s at most, until the deadline.
 * @throws TransientError | PermanentError naming operation, cause and remedy; InvalidRequestException as it is
 */
export async function patientCall<T>(
  operation: string,
  resource: string,
  { now, sleep, random, deadline, signal }: Patience,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof InvalidRequestException) throw error;
      const failure = awsError(error, { store: "Athena", operation, resource });
      const wait = random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt);
      if (!(failure instanceof TransientError) || now() + wait >= deadline) throw failure;
      await sleep(wait, signal);
    }
  }
}
