import { LakeRowsHash } from "../../functions/core/domain/lake-hash.ts";
import { objectItem } from "../../functions/core/domain/lake-keys.ts";
import type { LakeRow } from "../../functions/core/domain/lake-row.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import { tagOf } from "../support/builders.ts";
import { rowsOfBytes } from "../support/fakes/fake-lake-row-files.ts";
import { DAY, KEY, keyOf, type LakeWorld } from "./lake-world.ts";
import { stepping } from "./stepping.ts";

const ITEM = objectItem(0);

/**
 * The lake's part of an erasure, as the export relies on it: fence; abort what is recorded and confirm; remove the rows
 * of the table; rewrite the objects that the index names by If-Match and remove the versions listed before that commit;
 * then the index; then the receipt.
 * @param tries after so many the request stays open
 */
export function startEraser(world: LakeWorld, actor: string, userId: string, tries = 6): void {
  const { scheduler, lake } = world;
  scheduler.start(async () => {
    await scheduler.step({ actor, name: "fence", footprint: { writes: ["fences", "ledger"] } });
    const generation = (lake.fences.get(tagOf(userId))?.generation ?? 0) + 1;
    lake.fence(userId, generation);
    await abortRecorded(world, actor);
    const writes = ["table", `rows ${shardOf(userId)}`];
    await scheduler.step({ actor, name: "remove rows", footprint: { writes } });
    for (const row of [...world.written.values()]) {
      if (row.user_id !== userId || row.generation > generation) continue;
      world.written.delete(keyOf(row));
      lake.rows.remove(row);
    }
    for (let attempt = 0; attempt < tries; attempt++) {
      if (!(await eraseFromObject(world, actor, userId, generation))) continue;
      world.receipts.set(userId, generation);
      return;
    }
  });
}

async function abortRecorded(world: LakeWorld, actor: string): Promise<void> {
  const { scheduler, lake } = world;
  await scheduler.step({ actor, name: "read uploads", footprint: { reads: ["upload"] } });
  const upload = (await lake.days.read(DAY)).items.get(ITEM)?.upload;
  if (upload) await world.objects(actor).abort(upload);
}

/** @returns false when it must be begun again */
async function eraseFromObject(
  world: LakeWorld,
  actor: string,
  userId: string,
  generation: number,
): Promise<boolean> {
  const { scheduler, lake } = world;
  // Versions are immutable, so reading them is one step with looking which they are.
  await scheduler.step({ actor, name: "look", footprint: { reads: ["index", "object"] } });
  if (lake.people.generationOf(KEY, userId) === undefined) return true;
  const listed = lake.bucket.versions(KEY);
  const base = listed.at(-1);
  const rows = base ? rowsOfBytes(base.bytes) : [];
  const left = rows.filter((row) => row.user_id !== userId || row.generation > BigInt(generation));
  let current = base?.versionId;
  if (base && left.length < rows.length) {
    current = await rewrite(world, actor, base.etag, left);
    if (current === undefined) return false;
  }
  await scheduler.step({
    actor,
    name: "remove versions, then index",
    footprint: { writes: ["object", "index"] },
  });
  for (const { versionId } of listed) if (versionId !== current) lake.bucket.removeVersion(KEY, versionId);
  if (!left.some((row) => row.user_id === userId)) {
    lake.people.remove(KEY, { user_id: userId, generation });
  }
  return true;
}

/** Commits the rows that are left. @returns the version, where nothing came between */
async function rewrite(
  world: LakeWorld,
  actor: string,
  replaces: string,
  rows: readonly LakeRow[],
): Promise<string | undefined> {
  const { scheduler, lake } = world;
  const days = stepping(scheduler, actor, lake.days);
  const objects = world.objects(actor);
  await scheduler.step({ actor, name: "prepare", footprint: { reads: ["fences", "upload"] } });
  const fenceSequence = await lake.days.fenceSequence();
  const recorded = await lake.days.read(DAY);
  const item = recorded.items.get(ITEM);
  const exportId = lake.exportDeps().newId?.() ?? "";
  const upload = await objects.begin(KEY, { exportId, contentType: "" });
  const hash = new LakeRowsHash();
  for (const row of rows) hash.add(row);
  await lake.files.write(inOrder(rows), upload.write);
  const bytes = await upload.end();
  if (item?.upload) await objects.abort(item.upload);
  const entry = { day: DAY, item: ITEM, upload };
  const gone = item?.upload ? { gone: item.upload } : {};
  if ((await days.recordUpload({ ...entry, ...gone, fenceSequence })) !== "recorded") return undefined;
  const completion = await upload.complete(replaces);
  if (completion.status !== "committed") {
    await objects.abort(upload);
    const current = await objects.head(KEY);
    if (current?.exportId !== exportId) {
      await days.forgetUpload(DAY, ITEM, upload);
      return undefined;
    }
    return current.versionId;
  }
  const { versionId, etag } = completion;
  const contentHash = hash.digest();
  const { marks = {}, readAt = "2026-11-20T00:00:00.000Z" } = item?.manifest ?? {};
  const manifest = {
    key: KEY,
    versionId,
    etag,
    exportId,
    rows: rows.length,
    bytes,
    contentHash,
    marks,
    readAt,
  };
  await days.record({ ...entry, manifest });
  return versionId;
}

async function* inOrder(rows: readonly LakeRow[]): AsyncGenerator<LakeRow> {
  yield* rows;
}
