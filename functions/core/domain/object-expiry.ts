import { DAY_MS } from "./day.ts";

/** How long the bucket keeps what is in a folder. */
interface Kept {
  readonly prefix: string;
  /** Counted from the writing. */
  readonly days?: number;
  /** Counted from the month in the key to the same month's end, so many years later. */
  readonly years?: number;
}

const KEPT: readonly Kept[] = [
  { prefix: "conversations/", years: 5 },
  { prefix: "logs/", years: 2 },
  { prefix: "analytics/user_behavior/daily/", years: 3 },
  { prefix: "media/", days: 7 * 365 + 2 },
  { prefix: "tool-results/", days: 5 * 365 + 2 },
  { prefix: "quarantine/", days: 90 },
];

const MONTH = /^year=(\d{4})\/month=(\d\d)\//;
/** Life of old versions, the bucket's own delay, and room for both to be longer than they should. */
const AFTER_DAYS = 7 + 30;

/**
 * When an object is gone with all its versions for sure, so that its entry in the index of objects by person may go. An entry
 * that went earlier would hide a person from their erasure, so it is late rather than early: `undefined` where an object is
 * written anew for ever, or its folder is not known.
 * @param written ISO 8601, UTC @returns seconds since 1970
 */
export function objectGoneAt(key: string, written: string): number | undefined {
  const kept = KEPT.find(({ prefix }) => key.startsWith(prefix));
  if (kept === undefined) return undefined;
  const byAge = Date.parse(written) + (kept.days ?? 0) * DAY_MS;
  const expiry = kept.years === undefined ? byAge : Math.max(byAge, endOfMonth(key, kept));
  return Number.isNaN(expiry) ? undefined : Math.ceil((expiry + AFTER_DAYS * DAY_MS) / 1000);
}

/** ms since 1970; NaN where the key has no month: then nobody knows when it goes. */
function endOfMonth(key: string, { prefix, years = 0 }: Kept): number {
  const [, year, month] = MONTH.exec(key.slice(prefix.length)) ?? [];
  return year === undefined ? Number.NaN : Date.UTC(Number(year) + years, Number(month), 1);
}
