import { describe, expect, it } from "vitest";
import { DayTooLargeError } from "../../../functions/core/domain/day-too-large.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { LakeRowSource } from "../../../functions/core/ports/lake-row-source.ts";
import { withinTime } from "../../../functions/handlers/export-day/timed-source.ts";
import { createPlanExportHandler } from "../../../functions/handlers/plan-export/handler.ts";
import { fixedClock } from "../../support/builders.ts";
import { FakeLakeDays } from "../../support/fakes/fake-lake-days.ts";
import { FakeLakeRows } from "../../support/fakes/fake-lake-rows.ts";
import { collect } from "../../support/parquet/rows.ts";

const pages: LakeRow[][] = [[], [], []];
const source = {
  streams: () => [
    (async function* () {
      yield* pages;
    })(),
  ],
  takenAt: async () => "2026-11-20T00:00:00.000Z",
};

async function readAll(from: LakeRowSource): Promise<unknown[]> {
  const streams = from.streams("2026-11-19", [0]);
  return (await Promise.all(streams.map(collect))).flat();
}

describe("export-day", () => {
  it("gives the day up before its time ends, and only then", async () => {
    let left = 3;
    const patient = withinTime(source, () => true);
    expect(await readAll(patient)).toHaveLength(3);
    const short = withinTime(source, () => left-- > 1);
    await expect(readAll(short)).rejects.toThrow(DayTooLargeError);
    expect(left).toBe(0);
  });

  it("still knows when staged rows were taken", async () => {
    expect(await withinTime(source, () => true).takenAt?.("2026-11-19")).toBe("2026-11-20T00:00:00.000Z");
  });
});

describe("plan-export", () => {
  const days = new FakeLakeDays(fixedClock());
  const gauges: [string, number][] = [];
  const plan = createPlanExportHandler({
    days,
    rows: new FakeLakeRows(),
    objects: 1,
    clock: fixedClock(),
    log: { info() {}, error() {} },
    counters: { setGauge: (name, value) => gauges.push([name, value]), publish() {} },
  });

  it("names each day's objects, with those it was begun with, and says zero where no day is late", async () => {
    await days.open("2026-11-18", 4);
    expect(await plan({ from: "2026-11-17", to: "2026-11-18", engine: "glue" })).toEqual({
      days: [
        { day: "2026-11-17", objects: 1, parts: [0], engine: "glue" },
        { day: "2026-11-18", objects: 4, parts: [0, 1, 2, 3], engine: "glue" },
      ],
      patterns: false,
      unexportedDays: expect.any(Number),
    });
    expect(gauges).toEqual([["UnexportedDays", expect.any(Number)]]);
  });

  it.each([
    { from: "2026-02-30" },
    { from: "2026-11-20' OR '1'='1" },
    { nightly: "yes" },
    { user: "whatsapp:+34600000001" },
    { dirty: true, engine: "duckdb" },
  ])("refuses %o, and repeats no value of it", async (input) => {
    const error: unknown = await plan(input).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: "InvalidMessageError" });
    expect(String(error)).not.toContain("whatsapp");
  });
});
