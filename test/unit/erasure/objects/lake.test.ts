import { describe, expect, it, vi } from "vitest";
import { type ErasureTarget, isNothing, NOTHING_HELD } from "../../../../functions/core/domain/erasure.ts";
import { removedBefore } from "../../../../functions/core/domain/erasure-errors.ts";
import { TransientError } from "../../../../functions/core/domain/errors.ts";
import { exportDayObject } from "../../../../functions/core/use-cases/export-day-object.ts";
import { tagOf } from "../../../support/builders.ts";
import { fakeLakeRowFiles } from "../../../support/fakes/fake-lake-row-files.ts";
import { ANA, aMessageOf, BEA, DAY, eraseAll, keyOf, ObjectScene, PACE } from "./scene.ts";

const KEY = keyOf(DAY);

/** Both people on one day, exported and clean. */
async function twoPeople(): Promise<ObjectScene> {
  const scene = new ObjectScene([aMessageOf(ANA, DAY), aMessageOf(BEA, DAY)]);
  await scene.export(DAY);
  return scene;
}

describe("the eraser of the lake", () => {
  it("removes a person from every version and leaves the others, the index and the day as they should be", async () => {
    const scene = await twoPeople();
    const untouched = scene.lake.lakeRows(KEY).filter((row) => row.user_id === BEA);
    const targets = scene.fence(ANA);
    const { lake } = scene.stores();
    const [before] = await lake.count(targets);
    expect(before).toMatchObject({ items: 1, objects: 1, versions: 1, rows: 1 });

    const { removed } = await eraseAll(lake, targets);

    expect(removed[0]).toEqual(before);
    expect(scene.lake.lakeRows(KEY)).toEqual(untouched);
    expect(scene.bucket.versions(KEY)).toHaveLength(1);
    expect(scene.lake.people.generationOf(KEY, ANA)).toBeUndefined();
    expect(scene.lake.people.generationOf(KEY, BEA)).toBe(1);
    expect(await lake.verify(targets)).toEqual([NOTHING_HELD]);
    expect(await lake.count(targets)).toEqual([NOTHING_HELD]);
    expect(await scene.notes.all()).toEqual([KEY]);
    expect(await scene.isConsistent(DAY)).toBe(true);
  });

  it("removes what is there when the person was never seen: nothing", async () => {
    const scene = await twoPeople();
    const versions = scene.bucket.versions(KEY);
    const targets = scene.fence("web:nobody");
    expect(await scene.stores().lake.erase(targets, PACE)).toEqual({ done: true, removed: [NOTHING_HELD] });
    expect(scene.bucket.versions(KEY)).toEqual(versions);
  });

  it("leaves an object without rows where everybody goes", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA, BEA);
    await eraseAll(scene.stores().lake, targets);
    expect(scene.lake.lakeRows(KEY)).toEqual([]);
    expect(scene.bucket.versions(KEY)).toHaveLength(1);
    expect(await scene.isConsistent(DAY)).toBe(true);
  });

  it("removes old versions, and those only, where the current one lacks the person", async () => {
    const scene = await twoPeople();
    const [old] = scene.bucket.versions(KEY);
    const targets = scene.fence(ANA);
    await exportDayObject({ day: DAY, object: 0, objects: 1 }, scene.lake.exportDeps());
    const current = scene.bucket.versions(KEY).at(-1);
    expect(scene.rowsEverywhere(KEY, ANA)).toHaveLength(1);
    expect(await scene.stores().lake.count(targets)).toMatchObject([{ items: 1, objects: 0, versions: 1 }]);
    await eraseAll(scene.stores().lake, targets);
    expect(scene.bucket.versions(KEY)).toEqual([current]);
    expect(scene.bucket.versions(KEY)).not.toContain(old);
  });

  it("takes keys as a whole", async () => {
    const scene = await twoPeople();
    const copy = scene.bucket.put(`${KEY}.bak`, scene.bucket.versions(KEY)[0]?.bytes ?? new Uint8Array(0));
    await eraseAll(scene.stores().lake, scene.fence(ANA));
    expect(scene.bucket.versions(`${KEY}.bak`)).toEqual([copy]);
  });

  it("keeps rows of the next generation, and their entry", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA);
    scene.lake.rows.put(aMessageOf(ANA, DAY, { message_id: "m-again", generation: 2 }));
    await exportDayObject({ day: DAY, object: 0, objects: 1 }, scene.lake.exportDeps());
    const { lake } = scene.stores();
    await eraseAll(lake, targets);
    expect(scene.rowsEverywhere(KEY, ANA).map((row) => row.message_id)).toEqual(["m-again"]);
    expect(scene.lake.people.generationOf(KEY, ANA)).toBe(2);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
  });

  it("rewrites each object once for all people of a call", async () => {
    const crowd = Array.from({ length: 50 }, (_, n) => `web:${n}`);
    const days = ["2026-11-16", "2026-11-17", DAY];
    const scene = new ObjectScene(
      days.flatMap((day) => [BEA, ...crowd].map((user) => aMessageOf(user, day))),
    );
    await scene.export(...days);
    let begun = 0;
    const { bucket } = scene;
    const objects = Object.assign(Object.create(bucket) as typeof bucket, {
      begin: (...args: Parameters<typeof bucket.begin>) => {
        begun += 1;
        return bucket.begin(...args);
      },
      head: bucket.head.bind(bucket),
      open: bucket.open.bind(bucket),
      abort: bucket.abort.bind(bucket),
    });
    const { lake } = scene.stores({ objects });
    const targets = scene.fence(...crowd);
    const { removed } = await eraseAll(lake, targets);
    expect(begun).toBe(days.length);
    expect(removed).toHaveLength(50);
    for (const counts of removed) expect(counts).toMatchObject({ rows: 3, objects: 3, items: 3 });
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
    for (const day of days) {
      expect(scene.peopleIn(keyOf(day))).toEqual([BEA]);
      expect(await scene.isConsistent(day)).toBe(true);
    }
  });

  it("removes 4,000 messages of 400 days, and touches no other day", async () => {
    const start = Date.parse("2025-09-01T00:00:00.000Z");
    const days = Array.from({ length: 420 }, (_, n) =>
      new Date(start + n * 86_400_000).toISOString().slice(0, 10),
    );
    const scene = new ObjectScene();
    for (const [index, day] of days.entries()) {
      const rows = [aMessageOf(BEA, day)];
      if (index < 400) for (let n = 0; n < 10; n++) rows.push(aMessageOf(ANA, day, { message_id: `m-${n}` }));
      for (const row of rows) scene.lake.rows.put(row);
      await scene.export(day);
      for (const row of rows) scene.lake.rows.remove(row);
    }
    const others = days.slice(400).map((day) => scene.bucket.versions(keyOf(day)));
    const targets = scene.fence(ANA);
    const { lake } = scene.stores();
    const before = await lake.count(targets);
    expect(before).toMatchObject([{ items: 400, objects: 400, versions: 400, rows: 4_000 }]);
    const { removed } = await eraseAll(lake, targets);
    expect(removed).toEqual(before);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
    for (const day of days) expect(scene.peopleIn(keyOf(day))).toEqual([BEA]);
    expect(days.slice(400).map((day) => scene.bucket.versions(keyOf(day)))).toEqual(others);
    expect(await scene.lake.days.dirtyDays()).toEqual([]);
  });

  it("keeps the object's class and type, and the day's marks", async () => {
    const scene = await twoPeople();
    const [version] = scene.bucket.versions(KEY);
    if (version) Object.assign(version, { storageClass: "GLACIER_IR" });
    const before = (await scene.lake.days.read(DAY)).items.get("object-0")?.manifest;
    await eraseAll(scene.stores().lake, scene.fence(ANA));
    expect(await scene.bucket.head(KEY)).toMatchObject({
      storageClass: "GLACIER_IR",
      contentType: "application/vnd.apache.parquet",
    });
    const after = (await scene.lake.days.read(DAY)).items.get("object-0")?.manifest;
    expect(after).toMatchObject({ marks: before?.marks, readAt: before?.readAt, rows: 1 });
  });

  it("leaves a day dirty that was", async () => {
    const scene = await twoPeople();
    await scene.lake.days.open(DAY, 1);
    await eraseAll(scene.stores().lake, scene.fence(ANA));
    expect(scene.lake.days.isClean(DAY)).toBe(false);
    await scene.export(DAY);
    expect(await scene.isConsistent(DAY)).toBe(true);
  });

  it("erases from an object that nobody recorded", async () => {
    const scene = new ObjectScene();
    const key = "conversations/imported/part-0.parquet";
    const other = new ObjectScene([aMessageOf(ANA, DAY), aMessageOf(BEA, DAY)]);
    await other.export(DAY);
    scene.bucket.put(key, other.bucket.versions(KEY)[0]?.bytes ?? new Uint8Array(0));
    await scene.lake.people.add(key, [{ user_id: ANA, generation: 1 }]);
    const targets = scene.fence(ANA);
    await eraseAll(scene.stores().lake, targets);
    expect(scene.peopleIn(key)).toEqual([BEA]);
    expect((await scene.stores().lake.verify(targets)).every(isNothing)).toBe(true);
    expect(await scene.lake.days.recordedUploads()).toEqual([]);
    expect(await scene.lake.days.dirtyDays()).toEqual([]);
  });

  it("forgets the entry of an object that is gone, and what is left below a delete marker", async () => {
    const scene = await twoPeople();
    await scene.lake.people.add("conversations/gone.parquet", [{ user_id: ANA, generation: 1 }]);
    scene.bucket.putMarker(KEY);
    const targets = scene.fence(ANA);
    const { lake } = scene.stores();
    expect(await lake.count(targets)).toMatchObject([{ items: 2, objects: 0, versions: 2, rows: 0 }]);
    await eraseAll(lake, targets);
    expect(scene.bucket.versions(KEY)).toEqual([]);
    expect(scene.lake.people.entries().map(({ user_id }) => user_id)).toEqual([BEA]);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
  });

  it("aborts unfinished uploads that may hold the person, and leaves those begun after the drain", async () => {
    const scene = await twoPeople();
    await scene.bucket.begin(KEY, { exportId: "killed", contentType: "" });
    await scene.bucket.begin(`${KEY}.bak`, { exportId: "other", contentType: "" });
    const targets = scene.fence(ANA);
    await scene.bucket.begin(KEY, { exportId: "after", contentType: "" });
    const { lake } = scene.stores();
    expect(await lake.count(targets)).toMatchObject([{ versions: 2 }]);
    await eraseAll(lake, targets);
    expect(scene.bucket.pending().map(({ key }) => key)).toEqual([`${KEY}.bak`, KEY]);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
  });

  it("aborts unfinished uploads to files that nothing says the person is in: their writer died before it did", async () => {
    const scene = await twoPeople();
    const unnamed = keyOf("2026-11-19");
    await scene.bucket.begin(unnamed, { exportId: "killed", contentType: "" });
    const targets = scene.fence(ANA);
    const { lake } = scene.stores();
    expect(await lake.count(targets)).toMatchObject([{ versions: 2 }]);
    expect(await lake.verify(targets)).toMatchObject([{ versions: 1 }]);
    await eraseAll(lake, targets);
    expect(scene.bucket.pending()).toEqual([]);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
  });

  it("gives back what it holds of a person, readable", async () => {
    const scene = await twoPeople();
    const records = [];
    for await (const record of scene.stores().lake.export({ user_id: ANA, tags: [] })) records.push(record);
    expect(records).toMatchObject([
      { kind: "json", value: [{ user_id: ANA, timestamp: `${DAY}T12:00:00.000Z`, revision: 1 }] },
    ]);
    expect(JSON.stringify(records)).not.toContain(BEA);
  });
});

/** The object's bytes with every row at a revision that none had. */
async function edited(scene: ObjectScene): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const rows = scene.lake.lakeRows(KEY).map((row) => ({ ...row, revision: row.revision + 1n }));
  await fakeLakeRowFiles.write(inOrder(rows), async (chunk) => {
    chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

async function* inOrder<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe("the eraser of the lake among others", () => {
  it("counts again where another erasure removes the version that it counts", async () => {
    const scene = await twoPeople();
    const ana = scene.fence(ANA);
    const bea = scene.fence(BEA);
    let isOvertaken = false;
    const open: typeof scene.bucket.open = (key, version) => {
      const file = scene.bucket.open(key, version);
      return {
        ...file,
        slice: async (start, end) => {
          if (!isOvertaken) {
            isOvertaken = true;
            await eraseAll(scene.stores().lake, bea);
          }
          return file.slice(start, end);
        },
      };
    };
    const objects = Object.assign(Object.create(scene.bucket), { open });
    expect(await scene.stores({ objects }).lake.count(ana)).toMatchObject([{ objects: 1, rows: 1 }]);
    expect(isOvertaken).toBe(true);
  });

  it("is told by the verifier of a version with the same bytes, which no condition tells apart", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA);
    const rows = scene.deps().rows;
    const { lake } = scene.stores({
      rows: {
        ...rows,
        remove: async (...args) => {
          scene.bucket.put(KEY, scene.bucket.versions(KEY).at(-1)?.bytes ?? new Uint8Array(0));
          return rows.remove(...args);
        },
      },
    });
    await eraseAll(lake, targets);
    expect(await lake.verify(targets)).toMatchObject([{ versions: 1, objects: 0 }]);
    await eraseAll(lake, targets);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
    expect(scene.peopleIn(KEY)).toEqual([BEA]);
  });

  it("begins again when the object is replaced or deleted between reading and writing", async () => {
    for (const change of ["replaced", "deleted", "removed"] as const) {
      const scene = await twoPeople();
      const targets = scene.fence(ANA);
      const { bucket } = scene;
      const [old] = bucket.versions(KEY);
      let isChanged = false;
      const rows = scene.deps().rows;
      const { lake } = scene.stores({
        rows: {
          ...rows,
          remove: async (...args) => {
            const result = await rows.remove(...args);
            if (!isChanged && change === "replaced") bucket.put(KEY, await edited(scene), "other");
            if (!isChanged && change === "deleted") bucket.putMarker(KEY);
            if (!isChanged && change === "removed") bucket.removeVersion(KEY, old?.versionId ?? "");
            isChanged = true;
            return result;
          },
        },
      });
      await eraseAll(lake, targets);
      expect(scene.rowsEverywhere(KEY, ANA), change).toEqual([]);
      expect((await lake.verify(targets)).every(isNothing), change).toBe(true);
      expect(bucket.pending(), change).toEqual([]);
      if (change === "replaced") expect(scene.peopleIn(KEY)).toEqual([BEA]);
      else expect(bucket.versions(KEY), change).toEqual([]);
    }
  });

  it("gives up, named, when others always come first", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA);
    const rows = scene.deps().rows;
    let count = 0;
    const { lake } = scene.stores({
      rows: {
        ...rows,
        remove: async (...args) => {
          scene.bucket.put(KEY, await edited(scene), `other-${++count}`);
          return rows.remove(...args);
        },
      },
    });
    const error = await lake.erase(targets, PACE).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TransientError);
    expect(String(error)).toContain(KEY);
    expect(String(error)).not.toContain(ANA);
  });

  it("erases beside an export of the same day; both end right", async () => {
    for (let seed = 0; seed < 20; seed++) {
      const scene = await twoPeople();
      const targets = scene.fence(ANA);
      scene.lake.rows.put(aMessageOf(BEA, DAY, { message_id: "m-late" }));
      await scene.lake.days.bump(DAY, 3);
      await Promise.all([
        eraseAll(scene.stores().lake, targets),
        (async () => {
          for (let turns = 0; turns < seed * 7; turns++) await Promise.resolve();
          await exportDayObject({ day: DAY, object: 0, objects: 1 }, scene.lake.exportDeps());
        })(),
      ]);
      // The last pass finds what the export left as an old version.
      const { lake } = scene.stores();
      if (!(await lake.verify(targets)).every(isNothing)) await eraseAll(lake, targets);
      expect(scene.rowsEverywhere(KEY, ANA)).toEqual([]);
      expect((await lake.verify(targets)).every(isNothing)).toBe(true);
      const bea = scene.lake.lakeRows(KEY).map((row) => row.message_id);
      expect(bea.sort()).toEqual([`m-${DAY}`, "m-late"]);
    }
  });
});

describe("holds, time and failures", () => {
  const heldBy = (held: ReadonlySet<string>) => ({
    hasTime: () => true,
    unheld: async (targets: readonly ErasureTarget[]) => targets.filter(({ user_id }) => !held.has(user_id)),
  });

  it("keeps who is held, and erases the others from the same object", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA, BEA);
    await eraseAll(scene.stores().lake, targets, heldBy(new Set([ANA])));
    expect(scene.peopleIn(KEY)).toEqual([ANA]);
    expect(scene.lake.people.generationOf(KEY, ANA)).toBe(1);
    expect(scene.lake.people.generationOf(KEY, BEA)).toBeUndefined();
    expect(await scene.isConsistent(DAY)).toBe(true);
  });

  it("does not commit when a hold is set while the object is rewritten", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA);
    const versions = scene.bucket.versions(KEY);
    let asked = 0;
    await scene.stores().lake.erase(targets, {
      hasTime: () => true,
      unheld: async (all) => (asked++ === 0 ? all : []),
    });
    expect(asked).toBeGreaterThan(1);
    expect(scene.bucket.versions(KEY)).toEqual(versions);
    expect(scene.bucket.pending()).toEqual([]);
  });

  it("erases nothing when holds cannot be asked", async () => {
    const scene = await twoPeople();
    const versions = scene.bucket.versions(KEY);
    const pace = {
      hasTime: () => true,
      unheld: () => Promise.reject(new TransientError("DynamoDB: unreachable")),
    };
    await expect(scene.stores().lake.erase(scene.fence(ANA), pace)).rejects.toBeInstanceOf(TransientError);
    expect(scene.bucket.versions(KEY)).toEqual(versions);
  });

  it("goes on where its time was over, and each call brings it on", async () => {
    const days = ["2026-11-14", "2026-11-15", "2026-11-16", "2026-11-17", DAY];
    const scene = new ObjectScene(days.flatMap((day) => [aMessageOf(ANA, day), aMessageOf(BEA, day)]));
    await scene.export(...days);
    const targets = scene.fence(ANA);
    const paceOfOne = () => {
      let asked = 0;
      return { ...PACE, hasTime: () => asked++ < 1 };
    };
    const { lake } = scene.stores();
    let calls = 0;
    while (!(await lake.erase(targets, paceOfOne())).done) calls += 1;
    expect(calls).toBeLessThanOrEqual(days.length);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
  });

  it("names an object that fails, no person, and erases the others", async () => {
    const days = ["2026-11-17", DAY];
    const scene = new ObjectScene(days.flatMap((day) => [aMessageOf(ANA, day), aMessageOf(BEA, day)]));
    await scene.export(...days);
    const [version] = scene.bucket.versions(KEY);
    const rows = scene.deps().rows;
    const targets = scene.fence(ANA);
    const { lake } = scene.stores({
      rows: {
        ...rows,
        count: async (file, people) => {
          if (file.byteLength === version?.bytes.byteLength && isBroken) throw new Error(`bad row of ${ANA}`);
          return rows.count(file, people);
        },
      },
    });
    let isBroken = false;
    scene.lake.rows.put(aMessageOf(BEA, "2026-11-17", { message_id: "longer" }));
    await scene.export("2026-11-17");
    isBroken = true;
    const error = String(await lake.erase(targets, PACE).catch((thrown: unknown) => thrown));
    expect(error).toContain(KEY);
    expect(error).not.toContain("+346");
    expect(scene.rowsEverywhere(keyOf("2026-11-17"), ANA)).toEqual([]);
    isBroken = false;
    await eraseAll(lake, targets);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
  });
});

describe("an erasure of which one object fails", () => {
  it("knows what it removed of the others, for the receipt", async () => {
    const days = ["2026-11-17", DAY];
    const scene = new ObjectScene(days.flatMap((day) => [aMessageOf(ANA, day), aMessageOf(BEA, day)]));
    await scene.export(...days);
    const targets = scene.fence(ANA);
    const begin = scene.bucket.begin.bind(scene.bucket);
    vi.spyOn(scene.bucket, "begin").mockImplementation(async (key, about) => {
      if (key === KEY) throw new TransientError("slow down");
      return begin(key, about);
    });
    const failure = await scene
      .stores()
      .lake.erase(targets, PACE)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransientError);
    expect(removedBefore(failure)).toMatchObject([{ objects: 1, rows: 1 }]);
  });
});

describe("the verifier of the lake", () => {
  it("finds an old version, rows and bytes alike, that the index does not name, and enters it again", async () => {
    const scene = await twoPeople();
    const [old] = scene.bucket.versions(KEY);
    const targets = scene.fence(ANA);
    const { lake } = scene.stores();
    await eraseAll(lake, targets);
    const current = scene.bucket.versions(KEY).at(-1);
    scene.bucket.removeVersion(KEY, current?.versionId ?? "");
    scene.bucket.put(KEY, old?.bytes ?? new Uint8Array(0));
    scene.bucket.put(KEY, current?.bytes ?? new Uint8Array(0));
    expect(await lake.verify(targets)).toMatchObject([{ versions: 1, rows: 1, objects: 0 }]);
    expect(scene.lake.people.generationOf(KEY, ANA)).toBe(1);
    await eraseAll(lake, targets);
    expect((await lake.verify(targets)).every(isNothing)).toBe(true);
  });

  it("finds an id in bytes that no row has", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA, "whatsapp:+3460000000");
    const { lake } = scene.stores();
    await eraseAll(lake, targets);
    const [current] = scene.bucket.versions(KEY);
    const bytes = Buffer.concat([current?.bytes ?? Buffer.alloc(0)]);
    const rows = scene.deps().rows;
    const blind = scene.stores({ rows: { ...rows, count: async () => new Map() } }).lake;
    scene.bucket.replaceBytes(KEY, current?.versionId ?? "", Buffer.concat([bytes, Buffer.from(`"${ANA}"`)]));
    const [ana, prefix] = await blind.verify(targets);
    expect(ana).toMatchObject({ versions: 1 });
    expect(prefix).toEqual(NOTHING_HELD);
  });

  it("finds an entry and an upload that are left", async () => {
    const scene = await twoPeople();
    await scene.bucket.begin(KEY, { exportId: "killed", contentType: "" });
    const targets = scene.fence(ANA);
    const { lake } = scene.stores();
    await eraseAll(lake, targets);
    await scene.lake.people.add("conversations/x.parquet", [{ user_id: ANA, generation: 1 }]);
    expect(await lake.verify(targets)).toMatchObject([{ items: 1 }]);
  });

  it("never takes what it cannot reach for absent", async () => {
    const scene = await twoPeople();
    const targets = scene.fence(ANA);
    await eraseAll(scene.stores().lake, targets);
    const versions = Object.assign(Object.create(scene.bucket) as typeof scene.bucket, {
      entries: async function* () {
        yield* [];
        throw new TransientError("S3: unreachable");
      },
      uploads: scene.bucket.uploads.bind(scene.bucket),
    });
    await expect(scene.stores({ versions }).lake.verify(targets)).rejects.toBeInstanceOf(TransientError);
    expect(tagOf(ANA)).toHaveLength(64);
  });
});
