import { setTimeout as sleep } from "node:timers/promises";

const BASE_MS = 50;
const CAP_MS = 1_000;

/** Waits with full jitter: from 0 to 50 ms doubled with each attempt (0, 1, …), 1 s at most. */
export const backOff = (attempt: number, random: () => number): Promise<void> =>
  sleep(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));

/** Runs `work` over the items, `limit` at a time; waits for all under way before the first error is thrown. */
export async function mapBounded<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as T);
    }
  };
  const settled = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, worker));
  const failed = settled.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return results;
}
