import { describe, expect, it } from "vitest";
import { dayBefore, daysFrom } from "../../../functions/core/domain/day.ts";
import { exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../functions/core/use-cases/finish-day.ts";
import { type PlanInput, planExport } from "../../../functions/core/use-cases/plan-export.ts";
import { aStoredMessage } from "../../support/builders.ts";
import { FakeLake } from "../../support/fakes/fake-lake.ts";

const NIGHT = "2026-11-21T02:30:00.000Z";
const ago = (days: number): string => dayBefore(new Date(NIGHT), days);

const plan = (lake: FakeLake, input: PlanInput, objects = 1) =>
  planExport(input, { days: lake.days, rows: lake.rows, clock: lake.clock, objects });
const daysOf = async (lake: FakeLake, input: PlanInput) =>
  (await plan(lake, input)).days.map(({ day }) => day);

async function exported(lake: FakeLake, ...days: string[]): Promise<void> {
  for (const day of days) {
    await exportDayObject({ day, object: 0, objects: 1 }, lake.exportDeps());
    expect((await finishDay(day, lake.finishDeps())).state).toBe("clean");
  }
}

describe("planExport", () => {
  it("takes yesterday on the first night of a stage", async () => {
    expect(await plan(new FakeLake(NIGHT), { nightly: true })).toEqual({
      days: [{ day: ago(1), objects: 1 }],
      unexportedDays: 0,
    });
  });

  it("takes every night yesterday, what is dirty, however old, and what was left out", async () => {
    const lake = new FakeLake(NIGHT);
    await exported(lake, ago(5), ago(3), ago(2));
    await lake.days.bump(ago(200), 3);
    await lake.days.bump(ago(200), 4);
    await lake.days.bump(ago(3), 3);
    expect(await daysOf(lake, { nightly: true })).toEqual([ago(200), ago(4), ago(3), ago(1)]);
    expect(await daysOf(lake, { dirty: true })).toEqual([ago(200), ago(3)]);
  });

  it("takes days before the first export that have rows, when the first nights failed", async () => {
    const rows = [4, 33, 34].map((days) =>
      aStoredMessage({ message_id: `m${days}`, timestamp: `${ago(days)}T10:00:00.000Z` }),
    );
    const lake = new FakeLake(NIGHT, rows);
    await exported(lake, ago(2));
    expect(await daysOf(lake, { nightly: true })).toEqual([ago(33), ago(4), ago(1)]);
  });

  it("keeps the number of objects that a day has", async () => {
    const lake = new FakeLake(NIGHT);
    await lake.days.open(ago(2), 4);
    const { days } = await plan(lake, { from: ago(2), to: ago(1) }, 2);
    expect(days).toEqual([
      { day: ago(2), objects: 4 },
      { day: ago(1), objects: 2 },
    ]);
  });

  it("takes a range, today included, and a single day", async () => {
    const lake = new FakeLake(NIGHT);
    expect(await daysOf(lake, { from: "2024-02-28", to: "2024-03-01" })).toEqual(
      daysFrom("2024-02-28", "2024-03-01"),
    );
    expect(await daysOf(lake, { from: ago(0) })).toEqual([ago(0)]);
  });

  it.each([
    [{ from: "2026-02-30" }, "from", "from must be a day of the calendar, YYYY-MM-DD"],
    [{ from: "2026-11-20' OR '1'='1" }, "from", "from must be a day of the calendar, YYYY-MM-DD"],
    [{ from: "2026-11-20", to: "2026-11-31" }, "to", "to must be a day of the calendar, YYYY-MM-DD"],
    [{ to: "2026-11-20" }, "from", "from must be a day of the calendar, YYYY-MM-DD"],
    [{ from: "2026-11-22" }, "from", "from has not begun yet (UTC)"],
    [{ from: "2026-11-20", to: "2026-11-19" }, "to", "to must not be before from"],
    [{ from: "2025-10-01", to: "2026-11-20" }, "to", "say 400 days at most"],
    [{}, "from", "say one of nightly, dirty, or from and to"],
    [{ nightly: true, dirty: true }, "from", "say one of nightly, dirty, or from and to"],
    [{ dirty: true, from: "2026-11-20" }, "from", "say one of nightly, dirty, or from and to"],
  ] satisfies [PlanInput, string, string][])("refuses %j", async (input, field, message) => {
    await expect(plan(new FakeLake(NIGHT), input)).rejects.toMatchObject({
      name: "InvalidMessageError",
      field,
      message,
    });
  });

  it("counts days older than two that were left out, not finished, or dirty for two days", async () => {
    const lake = new FakeLake("2026-11-20T02:30:00.000Z");
    await exported(lake, ago(8), ago(7), ago(6), ago(3));
    await lake.days.bump(ago(8), 1);
    lake.now = new Date(NIGHT);
    await lake.days.open(ago(5), 1);
    await lake.days.bump(ago(7), 1);
    // 16 November was begun and 17 was never exported; 13 is dirty for a day only, 14 just became so.
    const late = async () => (await plan(lake, { nightly: true })).unexportedDays;
    expect(await late()).toBe(2);
    lake.now = new Date("2026-11-22T02:30:00.000Z");
    // 13 and 19 as well.
    expect(await late()).toBe(4);
  });

  it("does not wait for days that have not begun", async () => {
    const lake = new FakeLake(NIGHT);
    await lake.days.bump("2027-01-01", 1);
    expect(await daysOf(lake, { dirty: true })).toEqual([]);
  });
});
