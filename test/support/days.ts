import { dayBefore } from "../../functions/core/domain/day.ts";
import { NOW } from "./builders.ts";

/**
 * How many days ago each file may write that counts what a day holds: no two share a day, and none is as old as what is
 * out of time (400 days).
 */
const RANGES = { repair: [40, 119], erasure: [120, 199], export: [200, 399] } as const;
/** Days that contracts and other files always write on: what they leave is counted, too, once a range reaches them. */
const FIXED: ReadonlySet<string> = new Set([
  NOW.slice(0, 10),
  "2026-10-30",
  "2026-10-31",
  "2026-11-01",
  "2026-06-17",
  "2026-03-03",
]);
/** Years long past of which each contract that counts may write; those of Glue's jobs begin with 2000. */
const YEARS = {
  "lake-export": [1980, 1989],
  "erase-objects": [1990, 1995],
  "lake-row-source": [1996, 1999],
} as const;

/**
 * Consecutive days of a file's own, oldest first; at random, so that a run on a stage already tested on draws others.
 * @param count how many days
 * @param now the present day is the day of this moment
 */
export function drawDays(file: keyof typeof RANGES, count: number, now: Date = new Date()): string[] {
  const [newest, oldest] = RANGES[file];
  for (;;) {
    const last = newest + Math.floor(Math.random() * (oldest - newest - count + 2));
    const days = Array.from({ length: count }, (_, index) => dayBefore(now, last + count - 1 - index));
    if (!days.some((day) => FIXED.has(day))) return days;
  }
}

/** One day more of a contract's own. @param drawn days that it has already */
export function drawPastDay(file: keyof typeof YEARS, drawn: readonly string[] = []): string {
  const [first, last] = YEARS[file];
  const [begin, end] = [Date.UTC(first), Date.UTC(last + 1)];
  for (;;) {
    const day = new Date(begin + Math.floor(Math.random() * (end - begin))).toISOString().slice(0, 10);
    if (!drawn.includes(day)) return day;
  }
}
