import { dayBefore } from "../../functions/core/domain/day.ts";

/** How many days ago each file may write that counts what a day holds: no two share a day. */
const RANGES = { repair: [40, 119], erasure: [120, 199], export: [200, 400] } as const;

/**
 * Consecutive days of a file's own, oldest first; at random, so that a run on a stage already tested on draws others.
 * @param count how many days
 */
export function drawDays(file: keyof typeof RANGES, count: number): string[] {
  const [newest, oldest] = RANGES[file];
  const last = newest + Math.floor(Math.random() * (oldest - newest - count + 2));
  return Array.from({ length: count }, (_, index) => dayBefore(new Date(), last + count - 1 - index));
}
