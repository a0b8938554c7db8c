import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { isNothing, NOTHING_HELD } from "../../../../functions/core/domain/erasure.ts";
import { TransientError } from "../../../../functions/core/domain/errors.ts";
import { trainingLogKey } from "../../../../functions/core/domain/lake-keys.ts";
import { USER_BEHAVIOR, USER_PATTERNS } from "../../../../functions/core/domain/user-tables.ts";
import { abortUploads } from "../../../../functions/core/use-cases/erasure/abort-uploads.ts";
import { exportDayObject } from "../../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../../functions/core/use-cases/finish-day.ts";
import { createTrainingLogs } from "../../../../functions/core/use-cases/training-log.ts";
import { trainingPerson } from "../../../../functions/core/use-cases/training-record.ts";
import { fakePersonObjects } from "../../../support/fakes/fake-person-objects.ts";
import { ANA, aMessageOf, BEA, DAY, eraseAll, keyOf, ObjectScene, PACE } from "./scene.ts";

const bytesOf = (text: string): Uint8Array => Buffer.from(text);
const NOBODY_HELD = { ...PACE, unheld: async () => [] };

/** An object of one person, entered before it is written. */
async function putOwn(scene: ObjectScene, user: string, key: string, generation = 1): Promise<void> {
  await scene.lake.people.add(key, [{ user_id: user, generation }]);
  scene.bucket.put(key, bytesOf(`of ${generation}`), "", { contentType: "image/jpeg" });
}

describe("training logs", () => {
  const KEY = trainingLogKey(DAY, 0, 1);

  /** A day whose log is made in the same pass, as the export does. */
  async function aLog(): Promise<ObjectScene> {
    const scene = new ObjectScene(
      [ANA, BEA].flatMap((user) => [
        aMessageOf(user, DAY, { message_id: "q" }),
        aMessageOf(user, DAY, { message_id: "z", role: "assistant", content: "A las nueve." }),
      ]),
    );
    const sideFiles = createTrainingLogs({
      preferences: { optedOut: async () => new Set() },
      pseudonyms: scene.keys,
    });
    await exportDayObject({ day: DAY, object: 0, objects: 1 }, { ...scene.lake.exportDeps(), sideFiles });
    await finishDay(DAY, { ...scene.lake.finishDeps(), hasSideFiles: true });
    return scene;
  }
  const peopleIn = (scene: ObjectScene): unknown[] =>
    gunzipSync(scene.bucket.versions(KEY).at(-1)?.bytes ?? new Uint8Array(0))
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => (JSON.parse(line) as { user_id: unknown }).user_id);

  it("lose a person by their keyed hash, and the day stays clean", async () => {
    const scene = await aLog();
    const [ana, bea] = [ANA, BEA].map((user) => trainingPerson(user, scene.keys));
    expect(peopleIn(scene)).toEqual([ana, bea]);
    expect(scene.lake.days.isClean(DAY)).toBe(true);
    const targets = scene.fence(ANA);
    const stores = scene.stores();
    expect(await stores["training-logs"].count(targets)).toMatchObject([{ items: 1, objects: 1, rows: 1 }]);
    await eraseAll(stores.lake, targets);
    await eraseAll(stores["training-logs"], targets);
    expect(peopleIn(scene)).toEqual([bea]);
    expect(scene.bucket.versions(KEY)).toHaveLength(1);
    expect(await stores["training-logs"].verify(targets)).toEqual([NOTHING_HELD]);
    expect(scene.lake.people.entries().every(({ user_id }) => user_id === BEA)).toBe(true);
    expect(scene.lake.days.isClean(DAY)).toBe(true);
    const report = await finishDay(DAY, { ...scene.lake.finishDeps(), hasSideFiles: true });
    expect(report).toMatchObject({ state: "clean", reasons: [] });
  });

  it("give back a person's records", async () => {
    const scene = await aLog();
    const records = [];
    for await (const record of scene.stores()["training-logs"].export({ user_id: ANA, tags: [] }))
      records.push(record);
    expect(records).toMatchObject([{ kind: "json", value: [{ user_id: trainingPerson(ANA, scene.keys) }] }]);
  });
});

describe("files of people's behaviour", () => {
  it("lose a person, and what is recorded of them fits", async () => {
    const scene = new ObjectScene([aMessageOf(ANA, DAY), aMessageOf(BEA, DAY)]);
    await scene.export(DAY);
    const rows = scene.bucket.versions(keyOf(DAY))[0]?.bytes ?? new Uint8Array(0);
    const keys = [USER_BEHAVIOR.key(DAY), USER_PATTERNS.key(DAY)];
    for (const key of keys) {
      scene.bucket.put(key, rows);
      await scene.lake.people.add(
        key,
        [ANA, BEA].map((user_id) => ({ user_id, generation: 1 })),
      );
    }
    const published = scene.bucket.versions(USER_PATTERNS.key(DAY))[0];
    if (!published) throw new Error("nothing published");
    const { versionId, etag } = published;
    const manifest = {
      ...{ key: USER_PATTERNS.key(DAY), versionId, etag, exportId: "published", rows: 2 },
      ...{ bytes: rows.byteLength, contentHash: "before", marks: {}, readAt: "then" },
    };
    const upload = { key: manifest.key, uploadId: "u" };
    const place = { day: USER_PATTERNS.place(DAY), item: "object-0", upload };
    await scene.lake.days.recordUpload({ ...place, fenceSequence: await scene.lake.days.fenceSequence() });
    await scene.lake.days.record({ ...place, manifest });
    const store = scene.stores()["user-behavior"];
    const targets = scene.fence(ANA);
    const { removed } = await eraseAll(store, targets);
    expect(removed).toMatchObject([{ items: 2, objects: 2, rows: 2 }]);
    for (const key of keys) expect(scene.peopleIn(key)).toEqual([BEA]);
    expect((await store.verify(targets)).every(isNothing)).toBe(true);
    expect(await scene.lake.days.dirtyDays()).toEqual([]);
    const bytes = scene.bucket.versions(USER_PATTERNS.key(DAY))[0]?.bytes ?? new Uint8Array(0);
    const recorded = (await scene.lake.days.read(USER_PATTERNS.place(DAY))).items.get("object-0");
    expect(recorded?.manifest).toMatchObject({
      rows: 1,
      bytes: bytes.byteLength,
      contentHash: createHash("sha256").update(bytes).digest("hex"),
      readAt: "then",
    });
    // Of the other nobody had recorded anything.
    expect((await scene.lake.days.read(USER_BEHAVIOR.place(DAY))).items.size).toBe(0);
  });
});

describe("objects that are one person's", () => {
  const KEY = "media/images/2026/11/18/m-1.jpg";

  it("go with all versions, markers and uploads, by their exact key, then from the index", async () => {
    const scene = new ObjectScene();
    await putOwn(scene, ANA, KEY);
    await putOwn(scene, ANA, KEY);
    scene.bucket.putMarker(KEY);
    await scene.bucket.begin(KEY, { exportId: "", contentType: "" });
    await putOwn(scene, BEA, `${KEY}.bak`);
    await scene.bucket.begin(`${KEY}.bak`, { exportId: "", contentType: "" });
    const { media } = scene.stores();
    const targets = scene.fence(ANA);
    const before = await media.count(targets);
    expect(before).toEqual([{ items: 1, objects: 0, versions: 4, rows: 0, bytes: 0 }]);
    const { removed } = await eraseAll(media, targets);
    expect(removed).toEqual(before);
    expect(scene.bucket.keys()).toEqual([`${KEY}.bak`]);
    expect(scene.bucket.pending().map(({ key }) => key)).toEqual([`${KEY}.bak`]);
    expect(scene.lake.people.entries().map(({ user_id }) => user_id)).toEqual([BEA]);
    expect(await media.verify(targets)).toEqual([NOTHING_HELD]);
  });

  it("stay where they are of a later generation", async () => {
    const scene = new ObjectScene();
    await putOwn(scene, ANA, "tool-results/2026/11/18/one/0.json", 1);
    await putOwn(scene, ANA, "tool-results/2026/11/18/two/0.json", 2);
    const targets = scene.fence(ANA);
    const store = scene.stores()["tool-results"];
    await eraseAll(store, targets);
    expect(scene.bucket.keys()).toEqual(["tool-results/2026/11/18/two/0.json"]);
    expect((await store.verify(targets)).every(isNothing)).toBe(true);
  });

  it("stay while their person is held, and each call brings the others on", async () => {
    const scene = new ObjectScene();
    const keys = Array.from({ length: 60 }, (_, n) => `quarantine/2026/11/18/${n}.json`);
    for (const key of keys) await putOwn(scene, ANA, key);
    const targets = scene.fence(ANA);
    const store = scene.stores()["quarantine-bodies"];
    await store.erase(targets, NOBODY_HELD);
    expect(scene.bucket.keys()).toHaveLength(60);
    let asked = 0;
    const first = await store.erase(targets, { ...PACE, hasTime: () => asked++ < 1 });
    expect(first.done).toBe(false);
    expect(scene.bucket.keys().length).toBeLessThan(60);
    await eraseAll(store, targets);
    expect(scene.bucket.keys()).toEqual([]);
  });

  it("are found by the verifier where the index lost them, and erased then", async () => {
    const scene = new ObjectScene();
    await putOwn(scene, ANA, KEY);
    const targets = scene.fence(ANA);
    const { media } = scene.stores();
    await eraseAll(media, targets);
    scene.bucket.put(KEY, bytesOf("again"));
    expect(await media.verify(targets)).toMatchObject([{ objects: 1, versions: 1 }]);
    await eraseAll(media, targets);
    expect(scene.bucket.keys()).toEqual([]);
    expect((await media.verify(targets)).every(isNothing)).toBe(true);
  });

  it("stay where their person is held after a first attempt, and keep nobody else's erasure open", async () => {
    const scene = new ObjectScene();
    await putOwn(scene, ANA, KEY);
    await putOwn(scene, BEA, `${KEY}.bea`);
    const targets = scene.fence(ANA, BEA);
    // The bucket fails, so that the request stays open; then counsel sets a hold on Ana.
    const down = vi.spyOn(scene.bucket, "remove").mockRejectedValue(new TransientError("down"));
    await expect(scene.stores().media.erase(targets, PACE)).rejects.toThrow(TransientError);
    down.mockRestore();
    const free = targets.filter(({ user_id }) => user_id === BEA);
    const { media } = scene.stores();
    for (let attempt = 0; attempt < 3; attempt++) {
      await eraseAll(media, free);
      if ((await media.verify(free)).every(isNothing)) break;
    }
    expect(scene.bucket.keys()).toEqual([KEY]);
    expect((await media.verify(free)).every(isNothing)).toBe(true);
    // The hold is lifted.
    await eraseAll(media, targets);
    expect(scene.bucket.keys()).toEqual([]);
    expect((await media.verify(targets)).every(isNothing)).toBe(true);
  });

  it("are given back as files", async () => {
    const scene = new ObjectScene();
    await putOwn(scene, ANA, KEY);
    const files = [];
    for await (const record of scene.stores().media.export({ user_id: ANA, tags: [] })) {
      if (record.kind !== "file") continue;
      const chunks: Uint8Array[] = [];
      for await (const chunk of record.body) chunks.push(chunk);
      files.push([record.name, record.contentType, Buffer.concat(chunks).toString()]);
    }
    expect(files).toEqual([[KEY, "image/jpeg", "of 1"]]);
  });
});

describe("copies of tables", () => {
  const KEY = "backups/dynamodb/AWSDynamoDB/01/data/a.json.gz";
  const lines = (...users: string[]) =>
    gzipSync(users.map((user) => `${JSON.stringify({ Item: { user_id: { S: user } } })}\n`).join(""));

  it("lose a person without an index, and nothing else of the folder is touched", async () => {
    const scene = new ObjectScene();
    scene.bucket.put(KEY, lines(ANA, BEA), "", { storageClass: "GLACIER_IR" });
    scene.bucket.put("backups/dynamodb/AWSDynamoDB/01/manifest-files.json", bytesOf("{}"));
    scene.bucket.put("backups/dynamodb/AWSDynamoDB/02/data/b.json.gz", lines(BEA));
    const untouched = scene.bucket.versions("backups/dynamodb/AWSDynamoDB/02/data/b.json.gz");
    const { backups } = scene.stores();
    const targets = scene.fence(ANA);
    expect(await backups.count(targets)).toMatchObject([{ objects: 1, rows: 1 }]);
    await eraseAll(backups, targets);
    expect(gunzipSync(scene.bucket.versions(KEY)[0]?.bytes ?? new Uint8Array(0)).toString()).toBe(
      gunzipSync(lines(BEA)).toString(),
    );
    expect(scene.bucket.versions(KEY)).toHaveLength(1);
    expect(await scene.bucket.head(KEY)).toMatchObject({ storageClass: "GLACIER_IR" });
    expect(scene.bucket.versions("backups/dynamodb/AWSDynamoDB/02/data/b.json.gz")).toEqual(untouched);
    expect((await backups.verify(targets)).every(isNothing)).toBe(true);
    expect(scene.lake.people.entries()).toEqual([]);
  });
});

describe("files in passing, and copies for holds", () => {
  it("go where they were written before the drain was over, whoever is in them", async () => {
    const scene = new ObjectScene();
    scene.bucket.put("athena-results/q.csv", bytesOf("x"));
    scene.bucket.put("staging/job/part", bytesOf("x"));
    await scene.bucket.begin("raw-exports/x", { exportId: "", contentType: "" });
    scene.bucket.put("analytics/daily_metrics/2026-11-18.json", bytesOf("{}"));
    const { passing } = scene.stores();
    const targets = scene.fence(ANA, BEA);
    scene.bucket.put("athena-results/after.csv", bytesOf("x"));
    expect(await passing.count(targets)).toMatchObject([{ objects: 2, versions: 3 }, NOTHING_HELD]);
    await passing.erase(targets, NOBODY_HELD);
    expect(scene.bucket.keys()).toHaveLength(4);
    await eraseAll(passing, targets);
    expect(scene.bucket.keys()).toEqual([
      "analytics/daily_metrics/2026-11-18.json",
      "athena-results/after.csv",
    ]);
    expect(scene.bucket.pending()).toEqual([]);
    expect((await passing.verify(targets)).every(isNothing)).toBe(true);
    expect(await passing.count([])).toEqual([]);
  });

  it("go with the person, under all their hashes and no other's", async () => {
    const scene = new ObjectScene();
    const [target, ...others] = scene.fence(ANA);
    if (target === undefined) throw new Error("no target");
    const ana = { ...target, tags: ["old", "new"] };
    for (const key of ["holds/old/a.zip", "holds/new/b.zip", "holds/newer/c.zip"])
      scene.bucket.put(key, bytesOf("x"));
    const { holds } = scene.stores();
    expect(await holds.erase([ana, ...others], NOBODY_HELD)).toMatchObject({
      done: true,
      removed: [NOTHING_HELD],
    });
    await eraseAll(holds, [ana]);
    expect(scene.bucket.keys()).toEqual(["holds/newer/c.zip"]);
    expect((await holds.verify([ana])).every(isNothing)).toBe(true);
  });
});

describe("abort of uploads after the fence", () => {
  it("ends what is recorded, wherever, and what is left at the people's keys, exactly", async () => {
    const scene = new ObjectScene([aMessageOf(ANA, DAY), aMessageOf(BEA, DAY)]);
    await scene.export(DAY);
    const { bucket } = scene;
    const { days, people } = scene.lake;
    const about = { exportId: "", contentType: "" };
    const fenceSequence = await days.fenceSequence();
    const recorded = await bucket.begin("conversations/other.parquet", about);
    await days.recordUpload({ day: "2026-01-01", item: "object-0", upload: recorded, fenceSequence });
    const placed = await bucket.begin(USER_PATTERNS.key(DAY), about);
    await days.recordUpload({
      day: USER_PATTERNS.place(DAY),
      item: "object-0",
      upload: placed,
      fenceSequence,
    });
    await bucket.begin(keyOf(DAY), about);
    await bucket.begin(`${keyOf(DAY)}.bak`, about);
    const targets = scene.fence(ANA);
    const deps = { days, objects: bucket, versions: bucket, people: fakePersonObjects(people) };
    expect(await abortUploads(targets, deps)).toEqual({ recorded: 2, unrecorded: 1 });
    expect(bucket.pending().map(({ key }) => key)).toEqual([`${keyOf(DAY)}.bak`]);
    // Again, without an error: whoever writes there next forgets them.
    expect(await abortUploads(targets, deps)).toEqual({ recorded: 2, unrecorded: 0 });
  });
});
