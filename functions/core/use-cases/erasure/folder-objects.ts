import { mapBounded } from "../../domain/batches.ts";
import type { ErasureTarget, StoreCounts } from "../../domain/erasure.ts";
import { failedAfter } from "../../domain/erasure-errors.ts";
import { TransientError } from "../../domain/errors.ts";
import { takenFromMark } from "../../domain/staging.ts";
import type { LakeObjects, LakeVersions, ObjectVersion, UnfinishedUpload } from "../../ports/lake-objects.ts";
import type { ErasePace, PersonalRecord, PersonalStore } from "../../ports/personal-store.ts";
import { BUCKET_FOLDERS } from "./bucket-folders.ts";
import { TargetCounts } from "./object-counts.ts";
import type { ObjectStoresDeps } from "./object-deps.ts";
import { dataFirst, isCurrent, lastUnfenced } from "./object-targets.ts";

/** Versions removed between two questions for time and holds: what one call of the bucket takes. */
const BATCH = 1000;
/** Parts worked on at once: of a request for thousands of people each may have a folder, and most have none. */
const AT_ONCE = 16;

/** Folders that are emptied together, and for whom. */
interface FolderPart {
  readonly prefixes: readonly string[];
  /** At least one. They go when one of these may be erased. */
  readonly targets: readonly ErasureTarget[];
  /** What was written later stays. ms since 1970 */
  readonly until: number;
}

/**
 * A store of folders that are emptied whole. They hold copies, so an access report leaves them out: it would repeat what
 * they were copied from.
 */
function createFolders(
  partsOf: (targets: readonly ErasureTarget[]) => readonly FolderPart[],
  deps: Pick<ObjectStoresDeps, "objects" | "versions">,
): PersonalStore {
  async function counted(targets: readonly ErasureTarget[]): Promise<readonly StoreCounts[]> {
    const counts = new TargetCounts(targets);
    await mapBounded(partsOf(targets), AT_ONCE, async (part) => {
      counts.add(part.targets[0]?.user_id, weigh(await contentsOf(part, deps.versions)));
    });
    return counts.list();
  }

  return {
    count: counted,
    verify: counted,

    async erase(targets, pace) {
      const counts = new TargetCounts(targets);
      let done = true;
      await mapBounded(partsOf(targets), AT_ONCE, async (part) => {
        if (!pace.hasTime()) done = false;
        if (!done) return;
        const { uploads, versions } = await contentsOf(part, deps.versions);
        if (uploads.length + versions.length === 0 || !(await mayGo(part, pace))) return;
        for (const upload of uploads) await deps.objects.abort(upload);
        counts.add(part.targets[0]?.user_id, weigh({ uploads, versions: [] }));
        await markRuns(versions, deps.objects);
        const due = dataFirst(versions);
        for (let start = 0; start < due.length; start += BATCH) {
          if (!pace.hasTime()) done = false;
          if (!done || !(await mayGo(part, pace))) break;
          const batch = due.slice(start, start + BATCH);
          await deps.versions.remove(batch);
          counts.add(part.targets[0]?.user_id, weigh({ uploads: [], versions: batch }));
        }
      }).catch((error: unknown) => {
        throw failedAfter(error, counts.list());
      });
      return { done, removed: counts.list() };
    },

    async *export(): AsyncGenerator<PersonalRecord> {
      yield* [];
    },
  };
}

const mayGo = async ({ targets }: FolderPart, pace: Pick<ErasePace, "unheld">): Promise<boolean> =>
  (await pace.unheld(targets)).length > 0;

/** Says of runs that files of theirs go: what Spark stages after would pass for all of it, without the others' rows. */
async function markRuns(versions: readonly ObjectVersion[], objects: LakeObjects): Promise<void> {
  for (const key of new Set(versions.flatMap((version) => takenFromMark(version.key) ?? []))) {
    if (await objects.head(key)) continue;
    const upload = await objects.begin(key, { exportId: "erasure", contentType: "text/plain" });
    await upload.end();
    const { status } = await upload.complete(undefined);
    if (status === "committed") continue;
    await objects.abort(upload);
    if (!(await objects.head(key)))
      throw new TransientError("staging: a run could not be marked: it is retried");
  }
}

interface Contents {
  readonly versions: readonly ObjectVersion[];
  readonly uploads: readonly UnfinishedUpload[];
}

async function contentsOf({ prefixes, until }: FolderPart, versions: LakeVersions): Promise<Contents> {
  const found = { versions: [] as ObjectVersion[], uploads: [] as UnfinishedUpload[] };
  for (const prefix of prefixes) {
    for await (const version of versions.below(prefix)) {
      // Marks hold nobody, and stay until all of the run is gone.
      if (version.key === takenFromMark(version.key)) continue;
      if (Date.parse(version.modifiedAt) <= until) found.versions.push(version);
    }
    for await (const upload of versions.uploads(prefix)) {
      if (Date.parse(upload.begunAt) <= until) found.uploads.push(upload);
    }
  }
  return found;
}

function weigh({ versions, uploads }: Contents): Partial<StoreCounts> {
  const current = versions.filter(isCurrent);
  return {
    objects: current.length,
    versions: versions.length + uploads.length,
    bytes: current.reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
}

/**
 * Inputs and outputs of jobs and queries: whatever was begun before the drain was over goes, whoever is in it, for nobody
 * knows. A hold does not keep them; what they were made from it does. They are told of the first target.
 */
export const createPassingObjects = (deps: ObjectStoresDeps): PersonalStore =>
  createFolders(
    (targets) =>
      targets.length === 0
        ? []
        : [
            {
              prefixes: BUCKET_FOLDERS.passing.prefixes,
              targets,
              until: lastUnfenced(targets, deps.writerLifeMs),
            },
          ],
    deps,
  );

/** Copies that were kept for a hold: gone with the person, once nothing holds them any more. */
export const createHoldCopies = (deps: Pick<ObjectStoresDeps, "objects" | "versions">): PersonalStore =>
  createFolders(
    (targets) =>
      targets.map((target) => ({
        prefixes: target.tags.map((tag) => `holds/${tag}/`),
        targets: [target],
        until: Number.POSITIVE_INFINITY,
      })),
    deps,
  );
