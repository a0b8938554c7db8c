import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { ErasureTarget } from "../../domain/erasure.ts";
import { TransientError } from "../../domain/errors.ts";
import { VersionGoneError } from "../../domain/lake-errors.ts";
import { lakePlaceOf, otherPlace } from "../../domain/lake-places.ts";
import type { LakeItem } from "../../ports/lake-days.ts";
import type { LakeVersion, UploadName } from "../../ports/lake-objects.ts";
import type { PersonRows } from "../../ports/lake-row-removal.ts";
import type { ErasePace } from "../../ports/personal-store.ts";
import { commitUpload } from "../export-commit.ts";
import type { ObjectStoresDeps } from "./object-deps.ts";
import { all, dataFirst, isCurrent } from "./object-targets.ts";
import type { PeopleFiles } from "./people-files.ts";

/** An object that people are to be removed from. */
export interface SharedObject {
  readonly key: string;
  readonly files: PeopleFiles;
  readonly targets: readonly ErasureTarget[];
  /** Unfinished uploads of exactly this key that may hold them. */
  readonly uploads: readonly UploadName[];
}

/** What was removed from it. */
export interface ObjectRemoval {
  /** Who was asked for and not held. */
  readonly targets: readonly ErasureTarget[];
  /** Rows removed, by user id. */
  readonly removed: ReadonlyMap<string, number>;
  /** Of whom rows of a later generation stay. */
  readonly staying: ReadonlySet<string>;
  /** Versions, delete markers and uploads. */
  readonly versions: number;
  /** Of the version that was replaced. */
  readonly bytes: number;
}

const MAX_ATTEMPTS = 6;
const PAUSE_MS = 200;

/** Something came between: look again. */
const AGAIN = undefined;

/**
 * Removes people from an object that others are in, too: its current version is replaced where it holds any of them, then
 * every version that was there before goes, and what was left of uploads. May be killed at any moment and run again.
 * @throws TransientError when others came between too often; what the stores throw
 */
export async function removeFromObject(
  object: SharedObject,
  pace: Pick<ErasePace, "unheld">,
  deps: ObjectStoresDeps,
): Promise<ObjectRemoval> {
  const { sleep = setTimeout, random = Math.random } = deps;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const removal = await attemptRemoval(object, pace, deps).catch((error: unknown) => {
      if (error instanceof VersionGoneError) return AGAIN;
      throw error;
    });
    if (removal) return removal;
    await sleep(random() * PAUSE_MS * 2 ** attempt);
  }
  throw new TransientError(
    `it was changed by others ${MAX_ATTEMPTS} times while it was rewritten: it is retried`,
  );
}

async function attemptRemoval(
  object: SharedObject,
  pace: Pick<ErasePace, "unheld">,
  deps: ObjectStoresDeps,
): Promise<ObjectRemoval | undefined> {
  const { key, files, uploads } = object;
  const targets = await pace.unheld(object.targets);
  if (targets.length === 0) {
    return { targets, removed: new Map(), staying: new Set(), versions: 0, bytes: 0 };
  }
  // In this order: what changes after the number of fences or the list of versions was read is met by the conditions.
  const fenceSequence = await deps.days.fenceSequence();
  const listed = await all(deps.versions.entries(key));
  const base = await deps.objects.head(key);
  if (base?.versionId !== listed.find(isCurrent)?.versionId) return AGAIN;
  for (const upload of uploads) await deps.objects.abort(upload);
  const found = base
    ? await files.count(deps.objects.open(key, base), targets)
    : new Map<string, PersonRows>();
  const isHere = [...found.values()].some(({ rows }) => rows > 0);
  const result =
    base && isHere
      ? await rewrite({ ...object, targets, base, fenceSequence }, pace, deps)
      : unchanged(found);
  if (result === AGAIN) return AGAIN;
  const gone = listed.filter(({ versionId }) => isHere || versionId !== base?.versionId);
  await deps.versions.remove(dataFirst(gone));
  const bytes = isHere && base ? base.byteLength : 0;
  return { ...result, targets, versions: gone.length + uploads.length, bytes };
}

const unchanged = (found: ReadonlyMap<string, PersonRows>) => ({
  removed: new Map<string, number>(),
  staying: new Set([...found].flatMap(([id, { staying }]) => (staying > 0 ? [id] : []))),
});

interface Rewriting extends Omit<SharedObject, "uploads"> {
  readonly base: LakeVersion;
  readonly fenceSequence: number;
}

/** Commits the object without the people, as the exporter commits it with them. @returns `undefined` when something came between */
async function rewrite(
  { key, files, targets, base, fenceSequence }: Rewriting,
  pace: Pick<ErasePace, "unheld">,
  deps: ObjectStoresDeps,
): Promise<Pick<ObjectRemoval, "removed" | "staying"> | undefined> {
  const { place, item } = await recordedOf(key, deps);
  // Only what is recorded of this very version says what is recorded of the next.
  const recorded = item?.manifest?.versionId === base.versionId ? item.manifest : undefined;
  const exportId = (deps.newId ?? randomUUID)();
  const upload = await deps.objects.begin(key, {
    exportId,
    contentType: base.contentType ?? "application/octet-stream",
    ...(base.storageClass !== undefined && { storageClass: base.storageClass }),
  });
  try {
    const result = await files.remove(deps.objects.open(key, base), targets, upload.write, recorded);
    const bytes = await upload.end();
    // A hold may have been set meanwhile.
    if ((await pace.unheld(targets)).length < targets.length) {
      await deps.objects.abort(upload);
      return AGAIN;
    }
    const { contentHash, rows } = result;
    const manifest =
      recorded && contentHash !== undefined ? { ...recorded, exportId, rows, bytes, contentHash } : undefined;
    const removal = manifest !== undefined;
    const version = await commitUpload(
      { ...place, upload, replaces: base.etag, exportId, fenceSequence, removal },
      deps,
    );
    if (version === undefined) return AGAIN;
    const { versionId, etag } = version;
    if (manifest)
      await deps.days.record({ ...place, upload, manifest: { ...manifest, versionId, etag }, removal });
    else await deps.days.forgetUpload(place.day, place.item, upload);
    return result;
  } catch (error) {
    // What cannot be aborted now is recorded, and aborted by the next; or it is not, and nobody can complete it.
    await deps.objects.abort(upload).catch(() => undefined);
    throw error;
  }
}

/** Where the object's state is kept, and what is recorded there. */
async function recordedOf(key: string, { days }: ObjectStoresDeps) {
  const known = lakePlaceOf(key);
  if (known) {
    const day = await days.read(known.day);
    const item: LakeItem | undefined = day.items.get(known.item);
    // A day that was never opened has no state to be kept.
    if (item) return { place: known, item };
  }
  return { place: otherPlace(key), item: undefined };
}
