import { setTimeout as sleep } from "node:timers/promises";

const BASE_MS = 50;
const CAP_MS = 1_000;

/** Waits with full jitter: from 0 to 50 ms doubled with each attempt (0, 1, …), 1 s at most. */
export const backOff = (attempt: number, random: () => number): Promise<void> =>
  sleep(random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
