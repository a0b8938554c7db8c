import { describe, expect, it } from "vitest";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { lakeObjectKey, trainingLogKey } from "../../../functions/core/domain/lake-keys.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import type { LakeSideFiles } from "../../../functions/core/ports/lake-side-file.ts";
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

  it("takes only the shards of its object, and all objects together hold the day", async () => {
    const lake = new FakeLake(NIGHT, rowsOf(1));
    let rows = 0;
    for (let object = 0; object < 4; object++) {
      rows += (await exportDayObject({ day: DAY, object, objects: 4 }, lake.exportDeps())).rows;
      for (const { user_id } of lake.lakeRows(lakeObjectKey(DAY, object, 4))) {
        expect(shardOf(user_id) % 4).toBe(object);
      }
    }
    expect(rows).toBe(5);
  });

  it("keeps the number of objects that a day has", async () => {
    const lake = new FakeLake(NIGHT);
    await exportDayObject(WHOLE, lake.exportDeps());
    await expect(exportDayObject({ ...WHOLE, objects: 2 }, lake.exportDeps())).rejects.toMatchObject({
      name: "PermanentError",
    });
    await expect(exportDayObject({ ...WHOLE, objects: 3 }, lake.exportDeps())).rejects.toThrow(
      "LAKE_OBJECTS",
    );
    await expect(exportDayObject({ ...WHOLE, object: 1 }, lake.exportDeps())).rejects.toThrow("count from 0");
  });

  it("leaves out an erased past and takes what its person wrote since", async () => {
    const [old] = rowsOf(1);
    if (!old) throw new Error("no rows");
    const lake = new FakeLake(NIGHT, [old]);
    await exportDayObject(WHOLE, lake.exportDeps());
    lake.fence(old.user_id);
    const since = { ...old, message_id: "since", generation: 2 };
    lake.rows.put(since);
    // The same message sent again in the next generation begins at revision 1.
    lake.rows.put({ ...old, generation: 2, content: "again" });
    const report = await exportDayObject(WHOLE, lake.exportDeps());
    expect(report).toMatchObject({ rows: 2, indexed: 1 });
    expect(lake.lakeRows(KEY).map(({ content, generation }) => [content, generation])).toEqual([
      ["again", 2n],
      [since.content, 2n],
    ]);
    expect(lake.people.generationOf(KEY, old.user_id)).toBe(2);
  });

  it("asks the ledger once for the people of a thousand rows", async () => {
    const many = Array.from({ length: 2_500 }, (_, n) =>
      aStoredMessage({ user_id: `web:${n >> 1}`, message_id: `m${n}` }),
    );
    const lake = new FakeLake(NIGHT, many);
    const deps = lake.exportDeps();
    const asked: number[] = [];
    const ledger = {
      fences: (tags: readonly string[]) => {
        asked.push(tags.length);
        return deps.ledger.fences(tags);
      },
    };
    expect(await exportDayObject(WHOLE, { ...deps, ledger })).toMatchObject({ rows: 2_500, people: 1_250 });
    expect(asked.length).toBeLessThan(5);
    expect(asked.reduce((sum, tags) => sum + tags, 0)).toBe(1_250);
  });

  it("writes nothing when ledger or index cannot be reached, and leaves no upload", async () => {
    const down = () => Promise.reject(new TransientError("the store is down"));
    for (const broken of ["ledger", "people"] as const) {
      const lake = new FakeLake(NIGHT, rowsOf(1));
      const deps = lake.exportDeps();
      const wired = {
        ...deps,
        ...(broken === "ledger" && { ledger: { fences: down } }),
        ...(broken === "people" && { people: { add: down, missing: down } }),
      };
      await expect(exportDayObject(WHOLE, wired)).rejects.toThrow("the store is down");
      expect(lake.bucket.versions(KEY)).toEqual([]);
      expect(lake.bucket.pending()).toEqual([]);
      expect((await lake.days.read(DAY)).state).toBe("dirty");
    }
  });

  it("refuses to begin anew where what was recorded is gone from the bucket", async () => {
    const lake = new FakeLake(NIGHT, rowsOf(1));
    await exportDayObject(WHOLE, lake.exportDeps());
    for (const { versionId } of lake.bucket.versions(KEY)) lake.bucket.removeVersion(KEY, versionId);
    await expect(exportDayObject(WHOLE, lake.exportDeps())).rejects.toThrow("restore its last version");
  });

  it("gives up when fences overtake it again and again", async () => {
    const lake = new FakeLake(NIGHT, rowsOf(1));
    const deps = lake.exportDeps();
    const people = {
      missing: deps.people.missing.bind(deps.people),
      add: async (...args: Parameters<typeof deps.people.add>) => {
        lake.fence("web:somebody-else");
        return deps.people.add(...args);
      },
    };
    await expect(exportDayObject(WHOLE, { ...deps, people })).rejects.toMatchObject({
      name: "TransientError",
    });
    expect(lake.bucket.versions(KEY)).toEqual([]);
    expect(lake.bucket.pending()).toEqual([]);
  });
});

describe("exportDayObject with a side file", () => {
  const SIDE_KEY = trainingLogKey(DAY, 0, 1);
  /** One line a row of the people who are not left out. */
  const sideFiles: LakeSideFiles = {
    contentType: "text/plain",
    key: trainingLogKey,
    open({ sink, holds }) {
      let records = 0;
      return {
        async add(row) {
          if (row.user_id === "web:ana") return;
          await holds(row.user_id, Number(row.generation));
          await sink(Buffer.from(`${row.message_id}\n`));
          records += 1;
        },
        end: async () => records,
      };
    },
  };
  const finishDeps = (lake: FakeLake) => ({ ...lake.finishDeps(), hasSideFiles: true });

  it("publishes both from one pass, each with its people", async () => {
    const lake = new FakeLake(NIGHT, rowsOf(2));
    const report = await exportDayObject(WHOLE, { ...lake.exportDeps(), sideFiles });
    expect(report).toMatchObject({ rows: 10, indexed: 9, sideFile: { records: 8, bytes: 24 } });
    const side = lake.bucket.versions(SIDE_KEY).at(-1);
    expect(Buffer.from(side?.bytes ?? []).toString()).toBe("m0\nm1\n".repeat(4));
    expect(lake.people.generationOf(SIDE_KEY, "web:ana")).toBeUndefined();
    expect(lake.people.generationOf(SIDE_KEY, "whatsapp:+123")).toBe(1);
    expect((await lake.days.read(DAY)).items.get("logs-0")?.manifest).toMatchObject({ rows: 8, bytes: 24 });
    expect(await finishDay(DAY, finishDeps(lake))).toMatchObject({ state: "clean" });
  });

  it("is missed where there is none, and compared byte by byte", async () => {
    const lake = new FakeLake(NIGHT, rowsOf(2));
    await exportDayObject(WHOLE, lake.exportDeps());
    expect((await finishDay(DAY, finishDeps(lake))).reasons).toEqual(["logs-0 was not exported"]);
    await exportDayObject(WHOLE, { ...lake.exportDeps(), sideFiles });
    const side = lake.bucket.versions(SIDE_KEY).at(-1);
    lake.bucket.replaceBytes(SIDE_KEY, side?.versionId ?? "", Buffer.alloc(24));
    expect((await finishDay(DAY, finishDeps(lake))).reasons).toEqual([
      `${SIDE_KEY} holds other bytes than were sent`,
    ]);
  });

  it("is made again with the lake's object when something came between the two", async () => {
    const lake = new FakeLake(NIGHT, rowsOf(1));
    const deps = lake.exportDeps();
    let isFenced = false;
    const days: typeof deps.days = Object.assign(Object.create(lake.days), {
      record: async (entry: Parameters<typeof deps.days.record>[0]) => {
        if (!isFenced) lake.fence("web:somebody-else");
        isFenced = true;
        return deps.days.record(entry);
      },
    });
    for (const name of ["read", "open", "fenceSequence", "recordUpload", "forgetUpload"] as const) {
      Object.assign(days, { [name]: lake.days[name].bind(lake.days) });
    }
    const report = await exportDayObject(WHOLE, { ...deps, days, sideFiles });
    expect(report).toMatchObject({ attempts: 2, kept: 5, sideFile: { records: 4 } });
    expect(lake.bucket.pending()).toEqual([]);
    expect(await finishDay(DAY, finishDeps(lake))).toMatchObject({ state: "clean" });
  });

  it("records both as empty on a day without rows", async () => {
    const lake = new FakeLake(NIGHT);
    expect(await exportDayObject(WHOLE, { ...lake.exportDeps(), sideFiles })).toMatchObject({
      status: "empty",
    });
    expect(await finishDay(DAY, finishDeps(lake))).toMatchObject({ state: "clean", rows: 0 });
    expect(lake.bucket.versions(SIDE_KEY)).toEqual([]);
  });
});
