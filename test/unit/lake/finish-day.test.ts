import { describe, expect, it } from "vitest";
import { lakeObjectKey } from "../../../functions/core/domain/lake-keys.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import { exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../functions/core/use-cases/finish-day.ts";
import { aStoredMessage, later } from "../../support/builders.ts";
import { FakeLake } from "../../support/fakes/fake-lake.ts";

const DAY = "2026-11-20";
const NIGHT = "2026-11-21T02:30:00.000Z";
const KEY = lakeObjectKey(DAY, 0, 1);
const ANA = "web:ana";

async function exportedLake(now = NIGHT): Promise<FakeLake> {
  const users = [ANA, "web:berta", "web:carlos"];
  const lake = new FakeLake(
    now,
    users.map((user_id) => aStoredMessage({ user_id })),
  );
  await exportAgain(lake);
  return lake;
}
const exportAgain = (lake: FakeLake) =>
  exportDayObject({ day: DAY, object: 0, objects: 1 }, lake.exportDeps());
const finish = (lake: FakeLake) => finishDay(DAY, lake.finishDeps());
const minutes = (count: number): number => count * 60_000;

describe("finishDay", () => {
  it("says that a day was never exported", async () => {
    expect(await finish(new FakeLake(NIGHT))).toMatchObject({
      state: "dirty",
      reasons: ["it was never exported"],
      objects: 0,
    });
  });

  it("marks clean what equals the table, and says how much it is", async () => {
    const lake = await exportedLake();
    const report = await finish(lake);
    expect(report).toMatchObject({ state: "clean", reasons: [], objects: 1, rows: 3, people: 3 });
    expect(report.bytes).toBe(lake.bucket.versions(KEY).at(-1)?.bytes.byteLength);
    expect(report).not.toHaveProperty("settledAt");
  });

  it("waits until a day has been over for long enough when its rows were read", async () => {
    const lake = await exportedLake("2026-11-21T00:14:59.999Z");
    lake.now = new Date(NIGHT);
    expect(await finish(lake)).toMatchObject({
      state: "dirty",
      reasons: ["its rows were read before the day was over for long enough"],
      settledAt: "2026-11-21T00:15:00.000Z",
    });
    expect(await finish(await exportedLake("2026-11-21T00:15:00.000Z"))).toMatchObject({ state: "clean" });
  });

  it("waits until a mark was old enough when the rows were read, however long ago that is now", async () => {
    const lake = new FakeLake(NIGHT, [aStoredMessage({ user_id: ANA })]);
    await lake.days.bump(DAY, shardOf(ANA));
    lake.now = new Date(Date.parse(NIGHT) + minutes(15) - 1);
    await exportAgain(lake);
    lake.now = new Date(Date.parse(NIGHT) + minutes(600));
    expect(await finish(lake)).toMatchObject({
      state: "dirty",
      reasons: ["1 of its shards had changed just before their rows were read"],
      settledAt: later(minutes(15), NIGHT),
    });
    await exportAgain(lake);
    expect(await finish(lake)).toMatchObject({ state: "clean" });
    expect(await lake.days.dirtyDays()).toEqual([]);
  });

  it("says that shards changed since their rows were read", async () => {
    const lake = await exportedLake();
    await lake.days.bump(DAY, 3);
    await lake.days.bump(DAY, 4);
    expect(await finish(lake)).toMatchObject({
      state: "dirty",
      reasons: ["2 of its shards changed since their rows were read"],
    });
  });

  it("finds an object that is not what was committed", async () => {
    const lake = await exportedLake();
    const [version] = lake.bucket.versions(KEY);
    if (version === undefined) throw new Error("no version");
    // The emptiest file of its kind, in place of the bytes that were sent.
    lake.bucket.replaceBytes(KEY, version.versionId, Buffer.from("rows"));
    expect((await finish(lake)).reasons).toEqual([
      `${KEY} holds 0 rows, 3 were sent`,
      `${KEY} holds other values than were sent`,
    ]);
    lake.bucket.put(KEY, version.bytes);
    expect((await finish(lake)).reasons).toEqual([`${KEY} is not the version that was recorded`]);
  });

  it("finds people who are not in the index of objects by person", async () => {
    const lake = await exportedLake();
    lake.people.remove(KEY, { user_id: ANA, generation: 1 });
    expect((await finish(lake)).reasons).toEqual([
      `1 people of ${KEY} are not in the index of objects by person`,
    ]);
    await exportAgain(lake);
    expect(await finish(lake)).toMatchObject({ state: "clean" });
  });

  it("says that an upload was begun and not finished", async () => {
    const lake = await exportedLake();
    const upload = { key: KEY, uploadId: "left behind" };
    await lake.days.recordUpload({ day: DAY, item: "object-0", upload, fenceSequence: 0 });
    expect((await finish(lake)).reasons).toEqual(["an upload of object-0 was begun and not finished"]);
    await exportAgain(lake);
    expect(await finish(lake)).toMatchObject({ state: "clean" });
  });

  it("says which objects of a day were not exported", async () => {
    const lake = new FakeLake(NIGHT, [aStoredMessage({ user_id: ANA })]);
    for (const object of [0, 3]) await exportDayObject({ day: DAY, object, objects: 4 }, lake.exportDeps());
    expect((await finish(lake)).reasons).toEqual(["object-1 was not exported", "object-2 was not exported"]);
    for (const object of [1, 2]) await exportDayObject({ day: DAY, object, objects: 4 }, lake.exportDeps());
    expect(await finish(lake)).toMatchObject({ state: "clean", objects: 4, rows: 1 });
  });

  it("marks nothing clean when a row is announced while the day is read back", async () => {
    const lake = await exportedLake();
    const deps = lake.finishDeps();
    const people = {
      add: deps.people.add.bind(deps.people),
      missing: async (...args: Parameters<typeof deps.people.missing>) => {
        await lake.days.bump(DAY, 9);
        return deps.people.missing(...args);
      },
    };
    expect(await finishDay(DAY, { ...deps, people })).toMatchObject({
      state: "dirty",
      reasons: ["something of it changed while it was read back"],
    });
    expect(await lake.days.dirtyDays()).toEqual([DAY]);
  });
});
