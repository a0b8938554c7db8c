import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";

/** A row with what the clocks of a time zone showed when it was written. */
export interface ZonedRow {
  readonly row: LakeRow;
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** 0 to 23 */
  readonly hour: number;
}

/** A row of which only the time matters. */
export const momentRow = (timestamp: number): LakeRow => ({
  user_id: "web:1",
  timestamp,
  message_id: "m-1",
  revision: 1n,
  generation: 1n,
});

/** Gives every row its day and hour in a time zone, by the runtime's own calendar. */
export function inZone(rows: readonly LakeRow[], timeZone: string): ZonedRow[] {
  const wallClock = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    hourCycle: "h23",
  });
  return rows.map((row) => {
    const part = Object.fromEntries(
      wallClock.formatToParts(row.timestamp).map(({ type, value }) => [type, value]),
    );
    return {
      row,
      date: `${part["year"]}-${part["month"]}-${part["day"]}`,
      hour: Number(part["hour"]),
    };
  });
}

/** Every day from one to another, both included. */
export function calendarDays(from: string, to: string): string[] {
  const days: string[] = [];
  const day = new Date(`${from}T12:00:00Z`);
  for (; day.toISOString().slice(0, 10) <= to; day.setUTCDate(day.getUTCDate() + 1))
    days.push(day.toISOString().slice(0, 10));
  return days;
}

/** Hours of the day that a time zone's clocks show on a day: 23 hands on some, with one of them missing. */
export function hoursOfDay(date: string, timeZone: string): number[] {
  const around = Array.from({ length: 240 }, (_, quarter) =>
    momentRow(Date.parse(`${date}T00:00:00Z`) + (quarter - 60) * 900_000),
  );
  const hours = inZone(around, timeZone).filter((zoned) => zoned.date === date);
  return [...new Set(hours.map(({ hour }) => hour))].sort((a, b) => a - b);
}

/** Monday of a day's week. */
export function mondayOf(date: string): string {
  const day = new Date(`${date}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}
