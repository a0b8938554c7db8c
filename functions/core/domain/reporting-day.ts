import { DAY_MS, dayAfter, dayBefore, daysFrom, isDay } from "./day.ts";
import type { QueryFile, QueryValues } from "./query-file.ts";

/** Parameters that follow from the days asked for and the zone: nobody has to give them. */
const PARTITION_PARAMETERS = [
  "first_year",
  "first_month",
  "first_day",
  "last_year",
  "last_month",
  "last_day",
] as const;

/** First and last day that queries know: those of the lake's partitions, but one for zones ahead of UTC. */
const FIRST_DAY = "2020-01-02";
const LAST_DAY = "2035-12-30";

/** Longest range that one query takes, in days. */
const LONGEST_RANGE = 731;

/** First and last UTC day that a range of reporting days touches. */
export interface UtcDays {
  readonly first: string;
  readonly last: string;
}

/**
 * The UTC days that a range of days of a time zone touches: a day of a zone begins or ends on the UTC day before or
 * after, never both.
 * @param from first day, `YYYY-MM-DD`
 * @param to last day
 * @throws RangeError when the zone is unknown
 */
export function utcDaysOf(from: string, to: string, timeZone: string): UtcDays {
  const calendar = calendarOf(timeZone);
  const dayBeforeFrom = dayBefore(new Date(from), 1);
  const lastMoment = calendar.format(new Date(`${dayBeforeFrom}T23:59:59.999Z`));
  const dayAfterTo = dayAfter(to);
  const firstMoment = calendar.format(new Date(`${dayAfterTo}T00:00:00.000Z`));
  return {
    first: lastMoment >= from ? dayBeforeFrom : from,
    last: firstMoment <= to ? dayAfterTo : to,
  };
}

/**
 * The reporting days that lie on a UTC day, wholly or in part: one or two.
 * @throws RangeError when the zone is unknown
 */
export function reportingDaysOf(utcDay: string, timeZone: string): string[] {
  const first = dayIn(timeZone, new Date(`${utcDay}T00:00:00.000Z`));
  const last = dayIn(timeZone, new Date(`${utcDay}T23:59:59.999Z`));
  return daysFrom(first, last);
}

/** The day that the clocks of a time zone show at a moment. @throws RangeError when the zone is unknown */
export const dayIn = (timeZone: string, moment: Date): string => calendarOf(timeZone).format(moment);

/**
 * Completes what was asked of a query with what follows from it: the zone where none is given, and the UTC partitions.
 * @param values `date`, or `from` and `to`, and what else the query takes
 * @throws RangeError when the range makes no sense (`checkRange`) or the zone is unknown
 */
export function withReportingDays(query: QueryFile, values: QueryValues, timeZone: string): QueryValues {
  const takes = (name: string): boolean => query.parameters.some((parameter) => parameter.name === name);
  const zone = values["timezone"] ?? timeZone;
  const complete = takes("timezone") ? { ...values, timezone: zone } : values;
  const from = values["date"] ?? values["from"];
  const to = values["date"] ?? values["to"];
  // Which one is missing, binding says.
  if (!takes("first_year") || from === undefined || to === undefined) return complete;
  checkRange(String(from), String(to));
  const { first, last } = utcDaysOf(String(from), String(to), String(zone));
  const numbers = [...first.split("-"), ...last.split("-")].map(Number);
  return {
    ...complete,
    ...Object.fromEntries(PARTITION_PARAMETERS.map((name, index) => [name, numbers[index] ?? 0])),
  };
}

/** Whether a parameter must be given by who asks. */
export const isAsked = (name: string): boolean =>
  name !== "timezone" && PARTITION_PARAMETERS.every((derived) => derived !== name);

/** Whether queries know a day: what was imported of others is in the lake and in no metrics. */
export const isReported = (day: string): boolean => day >= FIRST_DAY && day <= LAST_DAY;

/** @throws RangeError when a day is none or beyond the lake's years, the range is turned round or over two years long */
export function checkRange(from: string, to: string): void {
  for (const day of [from, to])
    if (!isDay(day))
      throw new RangeError("A reporting day is a day of the calendar as YYYY-MM-DD, such as 2026-11-20");
  if (!isReported(from) || !isReported(to))
    throw new RangeError(`Reporting days go from ${FIRST_DAY} to ${LAST_DAY}`);
  if (from > to) throw new RangeError("The first day of a range must not be after its last");
  if (Date.parse(to) - Date.parse(from) >= LONGEST_RANGE * DAY_MS)
    throw new RangeError(`A range has ${LONGEST_RANGE} days at most: ask for it in parts`);
}

function calendarOf(timeZone: string): Intl.DateTimeFormat {
  try {
    // Its days are written as YYYY-MM-DD.
    return new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
  } catch {
    throw new RangeError("The reporting time zone must be an IANA name, such as America/Santiago or UTC");
  }
}
