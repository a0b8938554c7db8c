import type { ErasureTarget, StoreCounts } from "../../domain/erasure.ts";
import { TransientError } from "../../domain/errors.ts";
import { VersionGoneError } from "../../domain/lake-errors.ts";
import type { UploadName } from "../../ports/lake-objects.ts";
import type { ObjectStoresDeps } from "./object-deps.ts";
import type { PeopleFiles } from "./people-files.ts";

const MAX_READS = 5;

/**
 * What of the targets is still in any version of an object, by its rows and by its bytes; an upload that may hold one of them
 * is told of the first, for nobody can say whose it is.
 */
export async function verifySharedObject(
  key: string,
  files: PeopleFiles,
  targets: readonly ErasureTarget[],
  uploads: readonly UploadName[],
  deps: Pick<ObjectStoresDeps, "versions" | "objects">,
): Promise<ReadonlyMap<string, Partial<StoreCounts>>> {
  for (let read = 0; read < MAX_READS; read++) {
    const found = await foundIn(key, files, targets, uploads, deps);
    if (found) return found;
  }
  throw new TransientError(`it was replaced ${MAX_READS} times while it was verified: it is retried`);
}

/** @returns `undefined` where a version was removed while it was read: what came in its place was not listed */
async function foundIn(
  key: string,
  files: PeopleFiles,
  targets: readonly ErasureTarget[],
  uploads: readonly UploadName[],
  { versions, objects }: Pick<ObjectStoresDeps, "versions" | "objects">,
): Promise<ReadonlyMap<string, Partial<StoreCounts>> | undefined> {
  const found = new Map<string, { objects: number; versions: number; rows: number; bytes: number }>();
  const residueOf = (userId: string) => {
    const residue = found.get(userId) ?? { objects: 0, versions: 0, rows: 0, bytes: 0 };
    found.set(userId, residue);
    return residue;
  };
  const [first] = targets;
  if (first && uploads.length > 0) residueOf(first.user_id).versions += uploads.length;
  for await (const version of versions.entries(key)) {
    if (version.isMarker) continue;
    const file = objects.open(key, version);
    try {
      const rows = await files.count(file, targets, "all");
      // Somebody who came back is rightly in the bytes.
      const ids = targets.flatMap(({ user_id }) => ((rows.get(user_id)?.staying ?? 0) > 0 ? [] : [user_id]));
      const inBytes = await files.idsIn(file, ids);
      for (const { user_id } of targets) {
        const held = rows.get(user_id)?.rows ?? 0;
        if (held === 0 && !inBytes.has(user_id)) continue;
        const residue = residueOf(user_id);
        residue.versions += 1;
        residue.rows += held;
        residue.bytes += version.byteLength;
        if (version.isLatest) residue.objects += 1;
      }
    } catch (error) {
      if (error instanceof VersionGoneError) return undefined;
      throw error;
    }
  }
  return found;
}
