import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { LakeObjects, LakeVersions, ObjectVersion } from "../../../functions/core/ports/lake-objects.ts";

/** Versions of a bucket, and what only its tests may do to it. */
export interface OpenLakeVersions {
  readonly versions: LakeVersions;
  readonly objects: LakeObjects;
  put(key: string, text: string): Promise<void>;
  /** Deletes as readers see it: a delete marker becomes the newest. */
  hide(key: string): Promise<void>;
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What every bucket's versions hold to. */
export function lakeVersionsSuite(name: string, open: () => Promise<OpenLakeVersions>): void {
  describe(`LakeVersions: ${name}`, () => {
    let bucket: OpenLakeVersions;
    let versions: LakeVersions;
    beforeAll(async () => {
      bucket = await open();
      versions = bucket.versions;
    });
    const newKey = (): string => `staging/versions/${randomUUID()}`;
    const about = { exportId: "e", contentType: "text/plain" };

    it("lists versions and delete markers of exactly a key, and says which one readers see", async () => {
      const key = newKey();
      for (const text of ["1", "22", "333"]) await bucket.put(key, text);
      await bucket.hide(key);
      await bucket.put(`${key}.bak`, "backup");
      await bucket.put(`${key}/below`, "below");
      const listed = await all(versions.entries(key));
      expect(listed.filter(({ isMarker }) => isMarker)).toMatchObject([
        { key, isLatest: true, byteLength: 0 },
      ]);
      const data = listed.filter(({ isMarker }) => !isMarker);
      expect(data.map(({ byteLength }) => byteLength).sort()).toEqual([1, 2, 3]);
      for (const version of data) expect(version).toMatchObject({ key, isLatest: false });
      expect(Date.parse(data[0]?.modifiedAt ?? "")).not.toBeNaN();
      expect((await all(versions.list(key))).sort()).toEqual(listed.map(({ versionId }) => versionId).sort());
      expect(await all(versions.entries(newKey()))).toEqual([]);
    });

    it("lists everything below a prefix", async () => {
      const folder = `${newKey()}/`;
      for (const key of ["a", "b/c"]) await bucket.put(`${folder}${key}`, key);
      await bucket.put(`${folder}a`, "again");
      await bucket.hide(`${folder}b/c`);
      const keys = (await all(versions.below(folder))).map(({ key }) => key.slice(folder.length));
      expect(keys.sort()).toEqual(["a", "a", "b/c", "b/c"]);
    });

    it("removes exactly the versions it is told, again without an error", async () => {
      const key = newKey();
      for (const text of ["1", "22", "333"]) await bucket.put(key, text);
      const listed = await all(versions.entries(key));
      const gone = listed.filter(({ byteLength }) => byteLength !== 2);
      await versions.remove(gone);
      await versions.remove(gone);
      await versions.remove([]);
      expect((await all(versions.entries(key))).map(({ byteLength }) => byteLength)).toEqual([2]);
    });

    it("uncovers what was below a delete marker that is removed", async () => {
      const key = newKey();
      await bucket.put(key, "1");
      await bucket.hide(key);
      expect(await bucket.objects.head(key)).toBeUndefined();
      await versions.remove((await all(versions.entries(key))).filter(({ isMarker }) => isMarker));
      expect(await bucket.objects.head(key)).toMatchObject({ byteLength: 1 });
    });

    it("lists unfinished uploads by prefix until they are aborted or completed", async () => {
      const key = newKey();
      const [first, second] = [
        await bucket.objects.begin(key, about),
        await bucket.objects.begin(key, about),
      ];
      const other = await bucket.objects.begin(`${key}.bak`, about);
      await first.end();
      const found = await all(versions.uploads(key));
      expect(found.map(({ uploadId }) => uploadId).sort()).toEqual(
        [first, second, other].map(({ uploadId }) => uploadId).sort(),
      );
      expect(Date.parse(found[0]?.begunAt ?? "")).not.toBeNaN();
      expect((await first.complete(undefined)).status).toBe("committed");
      await bucket.objects.abort(second);
      expect((await all(versions.uploads(key))).map((upload) => upload.key)).toEqual([`${key}.bak`]);
      await bucket.objects.abort(other);
    });

    it("keeps the class and type that a new version is begun with", async () => {
      const key = newKey();
      const upload = await bucket.objects.begin(key, { ...about, storageClass: "GLACIER_IR" });
      await upload.write(Buffer.from("cold"));
      await upload.end();
      await upload.complete(undefined);
      const head = await bucket.objects.head(key);
      expect(head).toMatchObject({ storageClass: "GLACIER_IR", contentType: "text/plain" });
      if (head) expect(Buffer.from(await bucket.objects.open(key, head).slice(0)).toString()).toBe("cold");
      const ids: Pick<ObjectVersion, "key" | "versionId">[] = await all(versions.entries(key));
      await versions.remove(ids);
    });
  });
}
