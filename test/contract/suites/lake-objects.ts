import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { LakeObjects, LakeUpload, LakeVersion } from "../../../functions/core/ports/lake-objects.ts";

/** A store of versions, and what only its tests may do to it. */
export interface OpenLakeObjects {
  readonly objects: LakeObjects;
  /** Ids of the versions of exactly this key, in no order. */
  versionIds(key: string): Promise<string[]>;
  removeVersion(key: string, versionId: string): Promise<void>;
  /** Bytes of the current version. */
  bytes(key: string): Promise<Uint8Array>;
}

const contentType = "application/octet-stream";
const bytesOf = (text: string): Uint8Array => Buffer.from(text);

/** What every store of the lake's objects holds to. */
export function lakeObjectsSuite(name: string, open: () => Promise<OpenLakeObjects>): void {
  describe(`LakeObjects: ${name}`, () => {
    let store: OpenLakeObjects;
    let objects: LakeObjects;
    beforeAll(async () => {
      store = await open();
      objects = store.objects;
    });

    const newKey = (): string => `conversations/test/${randomUUID()}.parquet`;
    const upload = async (
      key: string,
      text: string,
      exportId: string = randomUUID(),
    ): Promise<LakeUpload> => {
      const begun = await objects.begin(key, { exportId, contentType });
      await begun.write(bytesOf(text));
      await begun.end();
      return begun;
    };
    const put = async (key: string, text: string, replaces?: string): Promise<string> => {
      const result = await (await upload(key, text)).complete(replaces);
      if (result.status !== "committed") throw new Error(`not committed: ${result.status}`);
      return result.versionId;
    };
    const head = async (key: string): Promise<LakeVersion> => {
      const found = await objects.head(key);
      if (found === undefined) throw new Error("no object");
      return found;
    };

    it("shows nothing of an upload before it is completed, then all of it", async () => {
      const key = newKey();
      const begun = await upload(key, "one", "export-1");
      expect(await objects.head(key)).toBeUndefined();
      const result = await begun.complete(undefined);
      expect(result).toMatchObject({ status: "committed" });
      const found = await head(key);
      expect(found).toMatchObject({ byteLength: 3, exportId: "export-1" });
      if (result.status === "committed")
        expect(found).toMatchObject({ versionId: result.versionId, etag: result.etag });
      expect(Buffer.from(await store.bytes(key)).toString()).toBe("one");
    });

    it("puts parts together in order, whatever the size of the chunks, and says how many bytes", async () => {
      const key = newKey();
      const begun = await objects.begin(key, { exportId: "big", contentType });
      // 20 MB in uneven chunks: three parts on S3.
      const whole = Buffer.alloc(20_000_003);
      for (let index = 0; index < whole.length; index++) whole[index] = (index * 31 + (index >> 8)) & 0xff;
      for (let at = 0, size = 1; at < whole.length; at += size, size = (size * 7) % 1_500_007) {
        await begun.write(whole.subarray(at, at + size));
      }
      expect(await begun.end()).toBe(whole.length);
      expect((await begun.complete(undefined)).status).toBe("committed");
      expect(Buffer.compare(Buffer.from(await store.bytes(key)), whole)).toBe(0);
      const file = objects.open(key, await head(key));
      for (const [start, end] of [
        [0, 4],
        [4_194_300, 4_194_310],
        [8_000_000, 17_000_000],
        [19_999_990, 20_000_003],
      ] as const) {
        expect(Buffer.compare(Buffer.from(await file.slice(start, end)), whole.subarray(start, end))).toBe(0);
      }
      expect(Buffer.compare(Buffer.from(await file.slice(19_999_990)), whole.subarray(19_999_990))).toBe(0);
    });

    it("makes an empty object", async () => {
      const key = newKey();
      const begun = await objects.begin(key, { exportId: "empty", contentType });
      expect(await begun.end()).toBe(0);
      expect((await begun.complete(undefined)).status).toBe("committed");
      expect(await head(key)).toMatchObject({ byteLength: 0 });
    });

    it("refuses to replace another version than the one it was made from", async () => {
      const key = newKey();
      await put(key, "one");
      const { etag } = await head(key);
      const [first, second] = [await upload(key, "two"), await upload(key, "three")];
      expect((await first.complete(etag)).status).toBe("committed");
      expect(await second.complete(etag)).toEqual({ status: "refused" });
      expect(await (await upload(key, "four")).complete(undefined)).toEqual({ status: "refused" });
      expect(Buffer.from(await store.bytes(key)).toString()).toBe("two");
      expect(await store.versionIds(key)).toHaveLength(2);
    });

    it("refuses to replace what is no longer there", async () => {
      const key = newKey();
      const versionId = await put(key, "one");
      const { etag } = await head(key);
      await store.removeVersion(key, versionId);
      expect(await (await upload(key, "two")).complete(etag)).toEqual({ status: "refused" });
      expect(await objects.head(key)).toBeUndefined();
    });

    it("lets an aborted upload never land, and aborts again without an error", async () => {
      const key = newKey();
      const begun = await upload(key, "one");
      await objects.abort(begun);
      expect(await begun.complete(undefined)).toEqual({ status: "refused" });
      await objects.abort(begun);
      expect(await objects.head(key)).toBeUndefined();
    });

    it("leaves what was committed when its upload is aborted after", async () => {
      const key = newKey();
      const begun = await upload(key, "one");
      await begun.complete(undefined);
      await objects.abort(begun);
      expect(await head(key)).toMatchObject({ byteLength: 3 });
    });

    it("reads the version it was opened with after another has come, until that one is removed", async () => {
      const key = newKey();
      const versionId = await put(key, "first");
      const version = await head(key);
      const file = objects.open(key, version);
      const late = objects.open(key, version);
      await put(key, "second", version.etag);
      expect(Buffer.from(await file.slice(0, 5)).toString()).toBe("first");
      await store.removeVersion(key, versionId);
      await expect(late.slice(0, 5)).rejects.toMatchObject({ name: "VersionGoneError" });
      expect(Buffer.from(await store.bytes(key)).toString()).toBe("second");
    });

    it("takes a key as a whole and not for the beginning of others", async () => {
      const key = newKey();
      await put(`${key}.bak`, "backup");
      expect(await objects.head(key)).toBeUndefined();
      await put(key, "one");
      expect(await store.versionIds(key)).toHaveLength(1);
    });
  });
}
