import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseQueryFile } from "../../../functions/core/domain/query-file.ts";
import {
  dayIn,
  reportingDaysOf,
  utcDaysOf,
  withReportingDays,
} from "../../../functions/core/domain/reporting-day.ts";
import { calendarDays, inZone, momentRow } from "../../support/metrics/zoned-rows.ts";

const HOUR = 3_600_000;
const ZONES = [
  "UTC",
  "America/Santiago",
  "Europe/Madrid",
  "Pacific/Kiritimati",
  "Etc/GMT+12",
  "Pacific/Chatham",
  "Atlantic/Azores",
  "Asia/Kathmandu",
];

describe("UTC days of a reporting day", () => {
  test.each([
    ["UTC", "2026-11-20", "2026-11-20", "2026-11-20"],
    ["America/Santiago", "2026-12-31", "2026-12-31", "2027-01-01"],
    ["Europe/Madrid", "2026-03-29", "2026-03-28", "2026-03-29"],
    ["Pacific/Kiritimati", "2026-01-01", "2025-12-31", "2026-01-01"],
    // The clock goes back from 00:00 UTC to an hour behind it: the day begins on one UTC day and ends on the next.
    ["Atlantic/Azores", "2026-10-25", "2026-10-25", "2026-10-26"],
    ["Europe/London", "2026-10-25", "2026-10-24", "2026-10-25"],
  ])("%s %s", (zone, day, first, last) => {
    expect(utcDaysOf(day, day, zone)).toEqual({ first, last });
  });

  test("hold every moment of the day, and two at most", () => {
    const days = calendarDays("2024-01-05", "2028-12-27");
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.constantFrom(...days), (zone, day) => {
        const { first, last } = utcDaysOf(day, day, zone);
        const moments = Array.from({ length: 360 }, (_, n) => Date.parse(day) + (n / 4 - 30) * HOUR);
        const within = inZone(moments.map(momentRow), zone).filter(({ date }) => date === day);
        const utcDays = new Set(within.map(({ row }) => new Date(row.timestamp).toISOString().slice(0, 10)));
        expect([...utcDays]).toEqual(calendarDays(first, last));
        expect(utcDays.size).toBeLessThanOrEqual(2);
      }),
      { numRuns: 60 },
    );
  });
});

test("reporting days that lie on a UTC day are those whose UTC days have it", () => {
  for (const zone of ZONES)
    for (const utcDay of calendarDays("2026-10-20", "2026-10-28")) {
      const around = calendarDays("2026-10-18", "2026-10-30");
      const touching = around.filter((day) => {
        const { first, last } = utcDaysOf(day, day, zone);
        return first <= utcDay && utcDay <= last;
      });
      expect(reportingDaysOf(utcDay, zone)).toEqual(touching);
    }
});

test("a zone must be one", () => {
  const now = new Date("2026-11-20T02:30:00.000Z");
  expect(dayIn("America/Santiago", now)).toBe("2026-11-19");
  for (const zone of ["Santiago", "UTC'; DROP TABLE messages --", ""])
    expect(() => dayIn(zone, now)).toThrow(/IANA/);
});

describe("days of a range", () => {
  const range = parseQueryFile(`-- r
-- What.
-- Parameters, in order:
--   from        date    first
--   to          date    last
--   timezone    string  zone
--   first_year  bigint  year
-- Columns:
--   a  bigint  -  one
SELECT 1 AS a`);

  test.each([
    ["2026-11-21", "2026-11-20", /must not be after/],
    ["2026-02-30", "2026-03-01", /day of the calendar/],
    ["2026-11-20' OR '1'='1", "2026-11-21", /day of the calendar/],
    ["2019-12-31", "2020-02-01", /2020-01-02 to 2035-12-30/],
    ["2035-12-01", "2036-01-01", /2020-01-02 to 2035-12-30/],
    ["2024-01-01", "2026-01-02", /731 days/],
  ])("are refused before anything is sent: %s to %s", (from, to, reason) => {
    expect(() => withReportingDays(range, { from, to }, "UTC")).toThrow(reason);
  });

  test("may be in another zone than the stage's", () => {
    const values = { from: "2026-11-20", to: "2026-11-20", timezone: "Pacific/Auckland" };
    expect(withReportingDays(range, values, "UTC")).toMatchObject({
      timezone: "Pacific/Auckland",
      first_day: 19,
    });
  });
});
