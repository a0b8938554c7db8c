import type { ErasureTarget, StoreCounts } from "../../domain/erasure.ts";
import type { UploadName } from "../../ports/lake-objects.ts";
import type { ObjectStoresDeps } from "./object-deps.ts";
import type { PeopleFiles } from "./people-files.ts";
import { unlessGone } from "./unless-gone.ts";

/**
 * What of the targets is still in any version of an object, by its rows and by its bytes; an upload that may hold one of them
 * is told of the first, for nobody can say whose it is.
 */
export const verifySharedObject = (
  key: string,
  files: PeopleFiles,
  targets: readonly ErasureTarget[],
  uploads: readonly UploadName[],
  deps: Pick<ObjectStoresDeps, "versions" | "objects">,
): Promise<ReadonlyMap<string, Partial<StoreCounts>>> =>
  // What comes in the place of a version was not listed.
  unlessGone(() => foundIn(key, files, targets, uploads, deps));

async function foundIn(
  key: string,
  files: PeopleFiles,
  targets: readonly ErasureTarget[],
  uploads: readonly UploadName[],
  { versions, objects }: Pick<ObjectStoresDeps, "versions" | "objects">,
): Promise<ReadonlyMap<string, Partial<StoreCounts>>> {
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
  }
  return found;
}
