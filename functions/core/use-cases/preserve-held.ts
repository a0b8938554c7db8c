import { randomUUID } from "node:crypto";
import { PermanentError, TransientError } from "../domain/errors.ts";
import type { OpenArchive } from "../ports/archive.ts";
import type { LakeObjects, LakeVersions, ObjectVersion } from "../ports/lake-objects.ts";
import type { ByteSink } from "../ports/lake-row-files.ts";
import type { LegalHolds } from "../ports/legal-holds.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { TagChain } from "./erasure/person-tags.ts";
import { type ResolveDeps, resolvePeople } from "./erasure/resolve-people.ts";
import { type ExportedPerson, exportSubject, type SubjectExportDeps } from "./subject-export.ts";

/**
 * Folder of the copies. No lifecycle rule ends anything in it: rows, cache and objects of a held person may expire
 * where they are, their copy stays until the hold is lifted.
 */
const HOLDS_FOLDER = "holds/";

/** Whose copies a folder has. Personal data, like the copies. */
const SUBJECT = "subject.json";

export interface PreserveHeldDeps extends SubjectExportDeps, ResolveDeps {
  readonly holds: Pick<LegalHolds, "held" | "list">;
  readonly keys: TagChain;
  readonly objects: Pick<LakeObjects, "begin" | "abort">;
  readonly versions: Pick<LakeVersions, "below" | "remove" | "uploads">;
  readonly texts: Pick<ObjectStore, "put" | "get">;
  /** @default a random UUID */
  readonly newId?: () => string;
}

/** What became of the copies. */
export interface PreservedHolds {
  /** People under a hold who have a copy. */
  readonly held: number;
  /** Of them those whose copy was made or made anew, because something had changed. */
  readonly copied: number;
  /** People whose hold is lifted: their copies are gone. */
  readonly removed: number;
  /** Holds without a copy: whoever set them was not told so, or it was never made. `hilo hold set` again makes it. */
  readonly lacking: number;
}

/**
 * Copies all that there is of a held person, under all their ids, to `holds/<tag>/`; where nothing has changed since the
 * last copy, none is made. The first hash key's tag names the folder: it survives rotations.
 * @returns whether a copy was made @throws PermanentError where the person is not held; TransientError
 */
export async function preserveHeld(userId: string, deps: PreserveHeldDeps): Promise<boolean> {
  const people = await idsOf(userId, deps);
  if (!(await isHeld(people, deps)))
    throw new PermanentError("holds: this person is not held: set the hold first");
  const folder = folderOf(userId, deps.keys);
  const last = await versionsBelow(folder, deps);
  // Before the copy: who looks after the copies finds the person by it.
  if (!last.some(({ key, isMarker }) => key === `${folder}${SUBJECT}` && !isMarker))
    await deps.texts.put(`${folder}${SUBJECT}`, JSON.stringify({ user_id: userId }), "application/json");
  return copyChanged(folder, people, last, deps);
}

/**
 * Looks after all copies: makes those anew whose people's data changed, and removes those whose hold is lifted, with
 * every version. @throws TransientError | PermanentError after the others were looked after
 */
export async function refreshHeld(deps: PreserveHeldDeps): Promise<PreservedHolds> {
  const folders = Map.groupBy(await versionsBelow(HOLDS_FOLDER, deps), ({ key }) => folderIn(key));
  const counts = { held: 0, copied: 0, removed: 0 };
  const preserved = new Set<string>();
  const failures: unknown[] = [];
  for (const [folder, versions] of folders) {
    try {
      const userId = await subjectOf(folder, deps);
      const people = userId === undefined ? [] : await idsOf(userId, deps);
      if (people.length === 0 || !(await isHeld(people, deps))) {
        await removeFolder(folder, versions, deps);
        counts.removed += 1;
        continue;
      }
      counts.held += 1;
      for (const { tags } of people) for (const tag of tags) preserved.add(tag);
      if (await copyChanged(folder, people, versions, deps)) counts.copied += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  const lacking = (await deps.holds.list()).filter(({ tag }) => !preserved.has(tag)).length;
  return { ...counts, lacking };
}

const folderOf = (userId: string, keys: TagChain): string => `${HOLDS_FOLDER}${keys.tags(userId)[0]}/`;
const folderIn = (key: string): string => key.slice(0, key.indexOf("/", HOLDS_FOLDER.length) + 1);

/** All ids that are certainly this person's: what somebody else may own, too, is held by a hold of its own. */
async function idsOf(userId: string, deps: PreserveHeldDeps): Promise<ExportedPerson[]> {
  const [subject] = await resolvePeople([{ person: 1, user_ids: [userId] }], deps);
  return (subject?.user_ids ?? [userId]).map((id) => ({ user_id: id, tags: deps.keys.tags(id) }));
}

const isHeld = async (people: readonly ExportedPerson[], { holds }: PreserveHeldDeps): Promise<boolean> =>
  (await holds.held(people.flatMap(({ tags }) => tags))).size > 0;

async function subjectOf(folder: string, { texts }: PreserveHeldDeps): Promise<string | undefined> {
  const text = await texts.get(`${folder}${SUBJECT}`);
  if (text === undefined) return undefined;
  const { user_id: userId } = JSON.parse(text) as { readonly user_id?: unknown };
  if (typeof userId === "string") return userId;
  throw new PermanentError("holds: a folder's subject.json names nobody: set the hold again");
}

/** Reads everything twice where it changed: once to learn that it did, once to write it. */
async function copyChanged(
  folder: string,
  people: readonly ExportedPerson[],
  known: readonly ObjectVersion[],
  deps: PreserveHeldDeps,
): Promise<boolean> {
  // A copy of copies would double each day.
  const exporting: SubjectExportDeps = { ...deps, except: ["holds"] };
  const { digest } = await exportSubject(people, async () => undefined, {
    ...exporting,
    openArchive: readOnly,
  });
  const newest = known
    .filter(({ key, isMarker }) => key.endsWith(".zip") && !isMarker)
    .map(({ key }) => key)
    .sort()
    .at(-1);
  if (newest?.endsWith(`-${digest}.zip`)) return false;
  const at = deps.clock().toISOString().replaceAll(/[-:.]/g, "");
  const about = { exportId: (deps.newId ?? randomUUID)(), contentType: "application/zip" };
  const upload = await deps.objects.begin(`${folder}${at}-${digest}.zip`, about);
  try {
    await exportSubject(people, upload.write, exporting);
    await upload.end();
    // Lifted meanwhile: who lifted it was told that the copies are gone, and an erasure may have been through.
    if (!(await isHeld(people, deps))) {
      await deps.objects.abort(upload);
      return false;
    }
    const { status } = await upload.complete(undefined);
    if (status !== "committed")
      throw new TransientError("S3: the copy of a held person's data was not written: it is retried");
  } catch (error) {
    await deps.objects.abort(upload);
    throw error;
  }
  return true;
}

/** Reads what would be archived and keeps nothing. */
const readOnly: OpenArchive = (_sink: ByteSink) => ({
  async add(_name, body) {
    let bytes = 0;
    for await (const chunk of body) bytes += chunk.length;
    return bytes;
  },
  end: async () => undefined,
});

async function versionsBelow(prefix: string, { versions }: PreserveHeldDeps): Promise<ObjectVersion[]> {
  const found: ObjectVersion[] = [];
  for await (const version of versions.below(prefix)) found.push(version);
  return found;
}

async function removeFolder(
  folder: string,
  versions: readonly ObjectVersion[],
  deps: PreserveHeldDeps,
): Promise<void> {
  for await (const upload of deps.versions.uploads(folder)) await deps.objects.abort(upload);
  // What names the person goes last: a removal that was cut short is found again.
  const isSubject = ({ key }: ObjectVersion): boolean => key.endsWith(`/${SUBJECT}`);
  await deps.versions.remove(versions.filter((version) => !isSubject(version)));
  await deps.versions.remove(versions.filter(isSubject));
}
