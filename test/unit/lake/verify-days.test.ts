import { describe, expect, it } from "vitest";
import { lakeObjectKey } from "../../../functions/core/domain/lake-keys.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import { exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { type DayVerification, verifyDays } from "../../../functions/core/use-cases/verify-days.ts";
import { aStoredMessage } from "../../support/builders.ts";
import { FakeLake } from "../../support/fakes/fake-lake.ts";

const DAY = "2026-11-20";
const NIGHT = "2026-11-21T02:30:00.000Z";
const KEY = lakeObjectKey(DAY, 0, 1);

/** 250 rows of 50 people: more than two windows of the comparison. */
const rows = Array.from({ length: 250 }, (_, n) =>
  aStoredMessage({ user_id: `web:${n % 50}`, message_id: `m${n}` }),
);
const row = (index: number): StoredMessage => rows[index] as StoredMessage;

async function exportedLake(objects = 1): Promise<FakeLake> {
  const lake = new FakeLake(NIGHT, rows);
  for (let object = 0; object < objects; object++) {
    await exportDayObject({ day: DAY, object, objects }, lake.exportDeps());
  }
  return lake;
}

async function verify(lake: FakeLake): Promise<DayVerification> {
  const { bucket: objects, days, files, ledger, people, keys, clock } = lake;
  const deps = { days, rows: lake.rows, objects, files, ledger, people, keys, clock };
  for await (const result of verifyDays(DAY, DAY, deps)) return result;
  throw new Error("no day verified");
}

describe("verifyDays", () => {
  it.each([1, 4, 16])("finds no difference where there is none, in %i objects", async (objects) => {
    expect(await verify(await exportedLake(objects))).toEqual({
      day: DAY,
      state: "dirty",
      rows: 250,
      lakeRows: 250,
      differences: [],
    });
  });

  it("finds no difference in a day of which nothing is known, unless it has rows", async () => {
    expect((await verify(new FakeLake(NIGHT))).differences).toEqual([]);
    const { differences, state } = await verify(new FakeLake(NIGHT, rows));
    expect(state).toBe("missing");
    expect(differences.map(({ kind, count }) => [kind, count])).toEqual([
      ["missing", 250],
      ["unrecorded", 1],
    ]);
  });

  it("names each message that differs, by how", async () => {
    const lake = await exportedLake();
    lake.rows.put(aStoredMessage({ user_id: "web:7", message_id: "late" }));
    lake.rows.put({ ...row(1), revision: 2, content: "edited" });
    lake.rows.put({ ...row(2), content: "other words at the same revision" });
    lake.rows.remove(row(3));
    lake.fence("web:49");
    lake.people.remove(KEY, { user_id: "web:5", generation: 1 });
    const { differences, rows: tableRows, lakeRows } = await verify(lake);
    const found = Object.fromEntries(differences.map(({ kind, names }) => [kind, [...names].sort()]));
    expect(found).toEqual({
      missing: ["late"],
      older: ["m1"],
      different: ["m2"],
      vanished: ["m3"],
      erased: ["m149", "m199", "m249", "m49", "m99"],
      unindexed: ["m105"],
    });
    expect([tableRows, lakeRows]).toEqual([250, 250]);
    expect(JSON.stringify(differences)).not.toContain("web:");
  });

  it("does not miss rows whose time in the table is over", async () => {
    const lake = await exportedLake();
    for (const gone of rows) lake.rows.remove(gone);
    lake.now = new Date("2026-12-21T00:00:00.000Z");
    expect(await verify(lake)).toMatchObject({ rows: 0, lakeRows: 250, differences: [] });
  });

  it("finds a row that the table has and its index does not show", async () => {
    const lake = await exportedLake();
    const hidden = row(0);
    lake.rows.put({ ...hidden, revision: 2 });
    const table = {
      keys: async function* () {
        yield [];
      },
      byKeys: lake.rows.byKeys.bind(lake.rows),
    };
    const { bucket: objects, days, files, ledger, people, keys, clock } = lake;
    const deps = { days, rows: table, objects, files, ledger, people, keys, clock };
    for await (const { differences } of verifyDays(DAY, DAY, deps)) {
      expect(differences).toEqual([{ kind: "older", count: 1, names: ["m0"] }]);
    }
  });

  it("compares the object with what was recorded of it", async () => {
    const lake = await exportedLake();
    const [version] = lake.bucket.versions(KEY);
    if (version === undefined) throw new Error("no version");
    const upload = { key: KEY, uploadId: "left behind" };
    await lake.days.recordUpload({ day: DAY, item: "object-0", upload, fenceSequence: 0 });
    const kinds = async () => (await verify(lake)).differences.map(({ kind }) => kind).sort();
    expect(await kinds()).toEqual(["pending-upload"]);
    lake.bucket.replaceBytes(KEY, version.versionId, Buffer.from("rows"));
    expect(await kinds()).toEqual(["missing", "other-content", "other-rows", "pending-upload"]);
    lake.bucket.put(KEY, version.bytes);
    expect(await kinds()).toEqual(["other-version", "pending-upload"]);
    for (const { versionId } of lake.bucket.versions(KEY)) lake.bucket.removeVersion(KEY, versionId);
    expect(await kinds()).toEqual(["missing", "object-missing", "pending-upload"]);
  });

  it("finds rows that are out of order or belong elsewhere", async () => {
    const lake = await exportedLake();
    const wrong = [
      row(3),
      row(2),
      aStoredMessage({ user_id: "web:z", timestamp: "2026-11-19T12:00:00.000Z" }),
    ];
    const chunks: Uint8Array[] = [];
    async function* given() {
      yield* wrong.map(lakeRowOf);
    }
    await lake.files.write(given(), async (chunk) => {
      chunks.push(chunk);
    });
    lake.bucket.put(KEY, Buffer.concat(chunks));
    const { differences } = await verify(lake);
    const kinds = differences.map(({ kind, names }) => [kind, names]);
    expect(kinds).toContainEqual(["unordered", ["m2"]]);
    expect(kinds).toContainEqual(["misplaced", ["m-1"]]);
  });
});
