import type { LakeDay, LakeItem, LakeManifest, ShardMark } from "../../core/ports/lake-days.ts";
import type { UploadName } from "../../core/ports/lake-objects.ts";
import type { Item } from "./call.ts";

/** Range key of the item that says the state of a day as a whole. */
export const DAY_ITEM = "day";
/** Value of the hash key of `DirtyIndex`, where an item has one. */
export const DIRTY = "dirty";
/** The same of an object's item while an upload is recorded there. */
export const UPLOADING = "uploading";

/** A day from all its items: marks are named by their shard, `0` to `15`, the objects `object-<i>` and `logs-<i>`. */
export function dayOf(day: string, items: readonly Item[]): LakeDay {
  const marks: ShardMark[] = [];
  const objects = new Map<string, LakeItem>();
  let whole: Item | undefined;
  for (const item of items) {
    const name = String(item["shard"]);
    if (name === DAY_ITEM) whole = item;
    else if (/^\d+$/.test(name)) marks.push(markOf(Number(name), item));
    else objects.set(name, lakeItemOf(item));
  }
  return {
    day,
    ...(whole && { objects: Number(whole["objects"]) }),
    state: whole === undefined ? "missing" : whole["state"] === "clean" ? "clean" : "dirty",
    marks: marks.sort((a, b) => a.shard - b.shard),
    items: objects,
  };
}

const markOf = (shard: number, item: Item): ShardMark => ({
  shard,
  mark: Number(item["mark"]),
  markedAt: String(item["marked_at"]),
  isDirty: item["dirty"] !== undefined,
});

function lakeItemOf(item: Item): LakeItem {
  const upload = uploadOf(item);
  return {
    ...(item["export_id"] !== undefined && { manifest: manifestOf(item) }),
    ...(upload && { upload }),
  };
}

/** The upload recorded in an object's item. */
export function uploadOf(item: Item): UploadName | undefined {
  const upload = item["upload"] as { upload_id: string; key: string } | undefined;
  return upload && { uploadId: upload.upload_id, key: upload.key };
}

const manifestOf = (item: Item): LakeManifest => ({
  key: String(item["key"]),
  ...(item["version_id"] !== undefined && {
    versionId: String(item["version_id"]),
    etag: String(item["etag"]),
  }),
  exportId: String(item["export_id"]),
  rows: Number(item["rows"]),
  bytes: Number(item["bytes"]),
  contentHash: String(item["content_hash"]),
  marks: item["marks"] as LakeManifest["marks"],
  readAt: String(item["read_at"]),
});

/** Attributes that a manifest is kept in. */
export const manifestItem = (manifest: LakeManifest): Item => ({
  key: manifest.key,
  ...(manifest.versionId !== undefined && { version_id: manifest.versionId, etag: manifest.etag }),
  export_id: manifest.exportId,
  rows: manifest.rows,
  bytes: manifest.bytes,
  content_hash: manifest.contentHash,
  marks: manifest.marks,
  read_at: manifest.readAt,
});
