import { describe, expect, it } from "vitest";
import { lakeObjectKey } from "../../../functions/core/domain/lake-keys.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../functions/core/use-cases/finish-day.ts";
import { aStoredMessage, later } from "../../support/builders.ts";
import { FakeLake } from "../../support/fakes/fake-lake.ts";

const DAY = "2026-11-20";
const NIGHT = "2026-11-21T02:30:00.000Z";
const WHOLE = { day: DAY, object: 0, objects: 1 };
const KEY = lakeObjectKey(DAY, 0, 1);

const people = ["web:ana", "web:b\u{1f642}", "web:b\uff5e", "whatsapp:+123", "whatsapp:+1234"];
const rowsOf = (count: number) =>
  people.flatMap((user_id) =>
    Array.from({ length: count }, (_, n) =>
      aStoredMessage({ user_id, message_id: `m${n}`, timestamp: later(n * 1000) }),
    ),
  );

describe("exportDayObject", () => {
  it("writes a day's rows in the order of UTF-8 bytes, and the day becomes clean", async () => {
    const lake = new FakeLake(NIGHT, rowsOf(3));
    const report = await exportDayObject(WHOLE, lake.exportDeps());
    expect(report).toMatchObject({
      status: "written",
      rows: 15,
      added: 15,
      people: 5,
      indexed: 5,
      attempts: 1,
    });
    const bytes = (text: string) => Buffer.from(text);
    const sorted = people.toSorted((a, b) => Buffer.compare(bytes(a), bytes(b)));
    expect(lake.lakeRows(KEY).map((row) => row.user_id)).toEqual(
      sorted.flatMap((user) => [user, user, user]),
    );
    expect(await finishDay(DAY, lake.finishDeps())).toMatchObject({
      state: "clean",
      reasons: [],
      rows: 15,
      people: 5,
    });
    expect(await lake.days.dirtyDays()).toEqual([]);
  });

  it("keeps what is no longer in the table, and takes later revisions", async () => {
    const rows = rowsOf(2);
    const lake = new FakeLake(NIGHT, rows);
    await exportDayObject(WHOLE, lake.exportDeps());
    const [gone, edited] = rows;
    if (!gone || !edited) throw new Error("no rows");
    lake.rows.remove(gone);
    const edit = { ...edited, content: "Perdón", revision: 2 };
    lake.rows.put(edit);
    const late = aStoredMessage({ user_id: "web:late", message_id: "late", timestamp: later(5) });
    lake.rows.put(late);
    const report = await exportDayObject(WHOLE, lake.exportDeps());
    expect(report).toMatchObject({ rows: 11, added: 1, updated: 1, kept: 9, indexed: 1 });
    const held = lake.lakeRows(KEY);
    for (const row of [gone, edit, late]) expect(held).toContainEqual(lakeRowOf(row));
    expect(held).toHaveLength(11);
  });
});
