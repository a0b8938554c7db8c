import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { DayMarks } from "../../../functions/core/ports/day-marks.ts";
import type { LakeDays, LakeManifest } from "../../../functions/core/ports/lake-days.ts";

/** A table of days, and what only its tests may do. */
export interface OpenLakeDays {
  readonly days: LakeDays;
  readonly marks: DayMarks;
  /** One fence more, as an erasure's transaction raises it. */
  raiseFence(): Promise<void>;
  /** A day that nothing is recorded of. */
  newDay(): string;
}

const manifest = (exportId: string, over: Partial<LakeManifest> = {}): LakeManifest => ({
  key: "conversations/x.parquet",
  versionId: `version of ${exportId}`,
  etag: '"etag"',
  exportId,
  rows: 3,
  bytes: 1_234,
  contentHash: "ab".repeat(32),
  marks: { "0": 2, "15": 1 },
  readAt: "2026-11-21T02:30:00.000Z",
  ...over,
});

/** What every table of the lake's days holds to. */
export function lakeDaysSuite(name: string, open: () => Promise<OpenLakeDays>): void {
  describe(`LakeDays: ${name}`, () => {
    let table: OpenLakeDays;
    let days: LakeDays;
    let day: string;
    beforeAll(async () => {
      table = await open();
      days = table.days;
    });
    beforeEach(() => {
      day = table.newDay();
    });

    const upload = (uploadId: string = randomUUID()) => ({ uploadId, key: "conversations/x.parquet" });
    const recordUpload = async (entry: Partial<Parameters<LakeDays["recordUpload"]>[0]> = {}) =>
      days.recordUpload({
        day,
        item: "object-0",
        upload: upload(),
        fenceSequence: await days.fenceSequence(),
        ...entry,
      });
    const commit = async (exportId: string, item = "object-0") => {
      const mine = upload();
      await recordUpload({ item, upload: mine });
      return days.record({ day, item, upload: mine, manifest: manifest(exportId) });
    };

    it("knows nothing of a day that was never opened", async () => {
      expect(await days.read(day)).toEqual({ day, state: "missing", marks: [], items: new Map() });
      expect(await days.recordedDays([day])).toEqual(new Set());
    });

    it("opens a day, dirty, with a number of objects that it keeps", async () => {
      await days.open(day, 4);
      await days.open(day, 4);
      expect(await days.read(day)).toMatchObject({ state: "dirty", objects: 4 });
      await expect(days.open(day, 1)).rejects.toMatchObject({ name: "PermanentError" });
      expect(await days.recordedDays([day, table.newDay()])).toEqual(new Set([day]));
      expect(await days.dirtyDays()).toContain(day);
    });

    it("keeps marks, and lists a marked day as dirty though it was never opened", async () => {
      await table.marks.bump(day, 15);
      await table.marks.bump(day, 2);
      await table.marks.bump(day, 15);
      const { marks, state } = await days.read(day);
      expect(marks).toEqual([
        { shard: 2, mark: 1, markedAt: expect.stringMatching(/^\d{4}-.*Z$/), isDirty: true },
        { shard: 15, mark: 2, markedAt: expect.stringMatching(/^\d{4}-.*Z$/), isDirty: true },
      ]);
      expect(state).toBe("missing");
      expect((await days.dirtyDays()).filter((dirty) => dirty === day)).toEqual([day]);
    });

    it("records an upload, then what became of it", async () => {
      await days.open(day, 1);
      const mine = upload();
      expect(await recordUpload({ upload: mine })).toBe("recorded");
      expect((await days.read(day)).items).toEqual(new Map([["object-0", { upload: mine }]]));
      expect(await days.record({ day, item: "object-0", upload: mine, manifest: manifest("e1") })).toBe(true);
      expect((await days.read(day)).items).toEqual(new Map([["object-0", { manifest: manifest("e1") }]]));
    });

    it("records no upload once somebody was fenced", async () => {
      const fenceSequence = await days.fenceSequence();
      await table.raiseFence();
      expect(await days.fenceSequence()).toBe(fenceSequence + 1);
      expect(await recordUpload({ fenceSequence })).toBe("overtaken");
      expect((await days.read(day)).items.get("object-0")?.upload).toBeUndefined();
      expect(await recordUpload()).toBe("recorded");
    });

    it("records no upload over another one, unless that one is gone", async () => {
      const [first, second] = [upload(), upload()];
      expect(await recordUpload({ upload: first })).toBe("recorded");
      expect(await recordUpload({ upload: first })).toBe("recorded");
      expect(await recordUpload({ upload: second })).toBe("foreign");
      expect(await recordUpload({ upload: second, gone: upload() })).toBe("foreign");
      expect((await days.read(day)).items.get("object-0")?.upload).toEqual(first);
      expect(await recordUpload({ upload: second, gone: first })).toBe("recorded");
      expect((await days.read(day)).items.get("object-0")?.upload).toEqual(second);
      expect(await recordUpload({ item: "logs-0", upload: first })).toBe("recorded");
    });

    it("records what was committed only while its upload is the one recorded", async () => {
      const [first, second] = [upload(), upload()];
      await recordUpload({ upload: first });
      await recordUpload({ upload: second, gone: first });
      const entry = { day, item: "object-0" };
      expect(await days.record({ ...entry, upload: first, manifest: manifest("e1") })).toBe(false);
      expect(await days.record({ ...entry, upload: second, manifest: manifest("e2") })).toBe(true);
      // A repetition, after an answer that was lost.
      expect(await days.record({ ...entry, upload: second, manifest: manifest("e2") })).toBe(true);
      expect(await days.record({ ...entry, upload: first, manifest: manifest("e1") })).toBe(false);
      expect((await days.read(day)).items.get("object-0")).toEqual({ manifest: manifest("e2") });
    });

    it("forgets an upload that is gone, and no other", async () => {
      const [first, second] = [upload(), upload()];
      await recordUpload({ upload: first });
      await days.forgetUpload(day, "object-0", second);
      expect((await days.read(day)).items.get("object-0")?.upload).toEqual(first);
      await days.forgetUpload(day, "object-0", first);
      expect((await days.read(day)).items.get("object-0")?.upload).toBeUndefined();
      await days.forgetUpload(day, "object-1", first);
    });

    it("records that there is no object only where there is none", async () => {
      const { versionId: _, etag: __, ...none } = manifest("e0", { rows: 0, bytes: 0, marks: {} });
      const empty = { day, item: "object-0", upload: undefined, manifest: none };
      expect(await days.record(empty)).toBe(true);
      expect((await days.read(day)).items.get("object-0")).toEqual({ manifest: none });
      expect(await days.record({ ...empty, manifest: { ...none, exportId: "e1" } })).toBe(true);
      await recordUpload();
      expect(await days.record(empty)).toBe(false);
      const other = { ...empty, item: "object-1" };
      await commit("e2", "object-1");
      expect(await days.record(other)).toBe(false);
    });

    it("marks a day clean, marks and all, and dirty again when it is marked", async () => {
      await table.marks.bump(day, 3);
      await days.open(day, 1);
      await commit("e1");
      await commit("log", "logs-0");
      expect(await days.markClean(await days.read(day))).toBe(true);
      expect(await days.read(day)).toMatchObject({ state: "clean", marks: [{ shard: 3, isDirty: false }] });
      expect(await days.dirtyDays()).not.toContain(day);
      await table.marks.bump(day, 3);
      expect(await days.dirtyDays()).toContain(day);
      await days.open(day, 1);
      expect((await days.read(day)).state).toBe("dirty");
    });

    it("marks nothing clean when something moved since it was seen", async () => {
      await table.marks.bump(day, 3);
      await days.open(day, 1);
      await commit("e1");
      const moves: (() => Promise<unknown>)[] = [
        () => table.marks.bump(day, 3),
        () => table.marks.bump(day, 4),
        () => commit("e2"),
        () => recordUpload(),
      ];
      for (const move of moves) {
        const seen = await days.read(day);
        await move();
        expect(await days.markClean(seen)).toBe(false);
        const { state, marks } = await days.read(day);
        expect(state).toBe("dirty");
        expect(marks.every(({ isDirty }) => isDirty)).toBe(true);
      }
    });

    describe("a removal of people", () => {
      const cleanDay = async (): Promise<void> => {
        await table.marks.bump(day, 3);
        await days.open(day, 1);
        await commit("e1");
        expect(await days.markClean(await days.read(day))).toBe(true);
      };
      const remove = async (between: () => Promise<unknown> = async () => undefined) => {
        const mine = upload();
        expect(await recordUpload({ upload: mine, removal: true })).toBe("recorded");
        expect((await days.read(day)).state).toBe("dirty");
        await between();
        const entry = { day, item: "object-0", upload: mine, manifest: manifest("r1") };
        return days.record({ ...entry, removal: true });
      };

      it("makes a clean day dirty until it is recorded, and clean again", async () => {
        await cleanDay();
        expect(await remove()).toBe(true);
        expect(await days.read(day)).toMatchObject({ state: "clean", marks: [{ isDirty: false }] });
        expect((await days.read(day)).items.get("object-0")).toEqual({ manifest: manifest("r1") });
        expect(await days.dirtyDays()).not.toContain(day);
      });

      it("leaves a dirty day dirty", async () => {
        await days.open(day, 1);
        await commit("e1");
        expect(await remove()).toBe(true);
        expect((await days.read(day)).state).toBe("dirty");
        expect((await days.read(day)).items.get("object-0")?.manifest?.exportId).toBe("r1");
      });

      it("leaves dirty what others touched meanwhile", async () => {
        for (const touch of [() => days.open(day, 1), () => recordUpload({ item: "logs-0" })]) {
          day = table.newDay();
          await cleanDay();
          expect(await remove(touch)).toBe(true);
          expect((await days.read(day)).state).toBe("dirty");
        }
      });

      it("keeps a mark that came meanwhile", async () => {
        await cleanDay();
        await remove(() => table.marks.bump(day, 3));
        expect((await days.read(day)).marks).toMatchObject([{ isDirty: true }]);
        expect(await days.dirtyDays()).toContain(day);
      });

      it("stays dirty where it was never recorded, and another one begins", async () => {
        await cleanDay();
        const killed = upload();
        await recordUpload({ upload: killed, removal: true });
        const mine = upload();
        expect(await recordUpload({ upload: mine, gone: killed, removal: true })).toBe("recorded");
        await days.record({ day, item: "object-0", upload: mine, manifest: manifest("r2"), removal: true });
        expect((await days.read(day)).state).toBe("dirty");
      });

      it("is overtaken by a fence, and gives way to an upload of others", async () => {
        await cleanDay();
        const fenceSequence = await days.fenceSequence();
        await table.raiseFence();
        expect(await recordUpload({ fenceSequence, removal: true })).toBe("overtaken");
        expect((await days.read(day)).state).toBe("clean");
        await recordUpload();
        expect(await recordUpload({ removal: true })).toBe("foreign");
      });

      it("is not recorded once somebody else's upload is", async () => {
        await cleanDay();
        const mine = upload();
        await recordUpload({ upload: mine, removal: true });
        await recordUpload({ gone: mine });
        const entry = { day, item: "object-0", upload: mine, manifest: manifest("r1") };
        expect(await days.record({ ...entry, removal: true })).toBe(false);
        expect((await days.read(day)).state).toBe("dirty");
      });
    });

    it("lists the uploads that are recorded, of days and of others, until they are not", async () => {
      const mineOf = async () =>
        (await days.recordedUploads()).filter((entry) => entry.day === day || entry.day === `user-x/${day}`);
      const [first, second] = [upload(), upload()];
      await recordUpload({ upload: first });
      await recordUpload({ day: `user-x/${day}`, upload: second });
      expect(await mineOf()).toHaveLength(2);
      expect(await mineOf()).toContainEqual({ day, item: "object-0", upload: first });
      await days.forgetUpload(`user-x/${day}`, "object-0", second);
      await days.record({ day, item: "object-0", upload: first, manifest: manifest("e1") });
      expect(await mineOf()).toEqual([]);
    });

    it("makes a clean day dirty when an upload is recorded", async () => {
      await days.open(day, 1);
      await commit("e1");
      expect(await days.markClean(await days.read(day))).toBe(true);
      await recordUpload();
      expect((await days.read(day)).state).toBe("dirty");
      expect(await days.dirtyDays()).toContain(day);
    });
  });
}
