import { inGroups } from "../domain/batches.ts";
import { addCounts, type ErasureTarget, NOTHING_HELD, type StoreCounts } from "../domain/erasure.ts";
import { PermanentError } from "../domain/errors.ts";
import type { LakeObjects, LakeVersions, ObjectVersion } from "../ports/lake-objects.ts";
import type { LakePerson } from "../ports/lake-people.ts";
import type { RandomAccessFile } from "../ports/lake-row-files.ts";
import type { PersonObject, PersonObjects } from "../ports/person-objects.ts";
import { foldersOf } from "./erasure/bucket-folders.ts";
import type { ObjectStoresDeps } from "./erasure/object-deps.ts";
import { createObjectStores } from "./erasure/object-stores.ts";
import { dataFirst, isCurrent } from "./erasure/object-targets.ts";
import { memoryNotes } from "./erasure/request-notes.ts";
import {
  BATCH,
  eraseTargets,
  fencedAmong,
  type RestoreFenceDeps,
  type RestoreFenceReport,
  untilStill,
} from "./restore-fence.ts";
import { trainingPerson } from "./training-record.ts";

/** Somebody in a file: the id, or in training logs the keyed hash. */
export interface NamedInFile {
  readonly name: string;
  readonly generation: number;
}

export interface RestoredBucketDeps extends RestoreFenceDeps {
  /** Of the restored bucket. */
  readonly objects: LakeObjects;
  readonly versions: LakeVersions;
  readonly rows: ObjectStoresDeps["rows"];
  readonly userRows: ObjectStoresDeps["userRows"];
  readonly keys: RestoreFenceDeps["keys"] & ObjectStoresDeps["keys"] & Parameters<typeof trainingPerson>[1];
  /** Everybody in an object, any number of times; `undefined`: such objects hold nobody. */
  peopleIn(key: string, file: RandomAccessFile): AsyncIterable<NamedInFile> | undefined;
  /** Keys that the live `user-objects` names for anybody: it knows who sent what. */
  ownedKeys(): AsyncIterable<string>;
}

export interface RestoredBucketReport extends RestoreFenceReport {
  /** People of training logs whose id no restored message says: remove such logs, the next export writes them anew. */
  readonly unresolved: number;
}

/**
 * Runs all fences over a restored bucket before it serves. People are found by reading every object; they are removed by
 * the erasers of the live bucket. Of objects that are one person's, those stay that the live index names; old versions and
 * unfinished uploads go, whoever's they are.
 * @throws PermanentError as `fenceRestored`, and where there are folders that must not be restored; TransientError
 */
export async function fenceRestoredBucket(
  leastFences: number,
  deps: RestoredBucketDeps,
): Promise<RestoredBucketReport> {
  await refuseCopies(deps);
  let removed = NOTHING_HELD;
  return untilStill(leastFences, deps, async () => {
    removed = addCounts(removed, await removeLeftovers(deps));
    const { index, targets, people, unresolved } = await findPeople(deps);
    const stores = createObjectStores(storesDeps(index, deps));
    let remaining = NOTHING_HELD;
    for (const { store } of foldersOf("shared")) {
      const outcome = await eraseTargets(stores[store], [...targets.values()], deps);
      removed = addCounts(removed, outcome.removed);
      remaining = addCounts(remaining, outcome.remaining);
    }
    return { people, fenced: targets.size, removed, remaining, unresolved };
  });
}

async function refuseCopies({ versions }: RestoredBucketDeps): Promise<void> {
  for (const { prefix } of foldersOf("copies"))
    for await (const _ of versions.below(prefix))
      throw new PermanentError(
        `restore fence: the bucket has ${prefix}, which is not restored: remove that folder with its versions, then start again`,
      );
}

interface Found {
  readonly index: MemoryIndex;
  readonly targets: Map<string, ErasureTarget>;
  readonly people: number;
  readonly unresolved: number;
}

/** Reads every shared object; keeps of its people only those that are fenced. */
async function findPeople(deps: RestoredBucketDeps): Promise<Found> {
  const index = new MemoryIndex();
  const targets = new Map<string, ErasureTarget>();
  const idOf = new Map<string, string>();
  const unresolved = new Set<string>();
  let people = 0;
  for (const { prefix, store } of foldersOf("shared")) {
    for await (const version of deps.versions.below(prefix)) {
      if (!isCurrent(version)) continue;
      const names = await namesIn(version, deps);
      const found = new Map<string, number>();
      for (const [name, generation] of names) {
        const id =
          store === "training-logs" ? (idOf.get(name) ?? (name.includes(":") ? name : undefined)) : name;
        if (id === undefined) unresolved.add(name);
        else found.set(id, generation);
        if (id !== undefined && store !== "training-logs") idOf.set(trainingPerson(id, deps.keys), id);
      }
      people += names.size;
      const fenced = await fencedOf(found, deps);
      for (const target of fenced) targets.set(target.user_id, target);
      await index.add(version.key, fenced);
      deps.onProgress?.(people, targets.size);
    }
  }
  return { index, targets, people, unresolved: unresolved.size };
}

async function namesIn(version: ObjectVersion, deps: RestoredBucketDeps): Promise<Map<string, number>> {
  const names = new Map<string, number>();
  const people = deps.peopleIn(version.key, deps.objects.open(version.key, version));
  if (people === undefined) return names;
  for await (const { name, generation } of people)
    names.set(name, Math.max(generation, names.get(name) ?? 0));
  return names;
}

async function fencedOf(
  people: ReadonlyMap<string, number>,
  deps: RestoredBucketDeps,
): Promise<ErasureTarget[]> {
  const all = [...people].map(([user_id, generation]) => ({ user_id, generation }));
  const fenced: ErasureTarget[] = [];
  for (const some of inGroups(all, BATCH)) fenced.push(...(await fencedAmong(some, deps)));
  return fenced;
}

/** Old versions, delete markers and uploads of all folders, and objects that were one person's who is no longer known. */
async function removeLeftovers(deps: RestoredBucketDeps): Promise<StoreCounts> {
  const own = foldersOf("own").map(({ prefix }) => prefix);
  const owned = new Set<string>();
  for await (const key of deps.ownedKeys()) if (own.some((prefix) => key.startsWith(prefix))) owned.add(key);
  let counts = NOTHING_HELD;
  for (const { prefix } of [...foldersOf("shared"), ...foldersOf("own")]) {
    const isOwn = own.includes(prefix);
    for await (const upload of deps.versions.uploads(prefix)) {
      await deps.objects.abort(upload);
      counts = addCounts(counts, { ...NOTHING_HELD, versions: 1 });
    }
    const doomed: ObjectVersion[] = [];
    for await (const version of deps.versions.below(prefix)) {
      const isOrphan = isOwn && !owned.has(version.key);
      if (isCurrent(version) && !isOrphan) continue;
      doomed.push(version);
      const objects = isCurrent(version) ? 1 : 0;
      counts = addCounts(counts, { ...NOTHING_HELD, objects, versions: 1, bytes: version.byteLength });
    }
    await deps.versions.remove(dataFirst(doomed));
  }
  return counts;
}

/** What `user-objects` and `lake-days` are to the live bucket, for the restored one. Nobody else writes there yet. */
const storesDeps = (index: MemoryIndex, deps: RestoredBucketDeps): ObjectStoresDeps => ({
  people: index,
  index,
  objects: deps.objects,
  versions: deps.versions,
  rows: deps.rows,
  userRows: deps.userRows,
  keys: deps.keys,
  writerLifeMs: 0,
  notes: memoryNotes(),
  days: {
    fenceSequence: () => deps.days.fenceSequence(),
    read: async (day) => ({ day, state: "missing", marks: [], items: new Map() }),
    recordUpload: async () => "recorded",
    forgetUpload: async () => undefined,
    record: async () => true,
  },
});

/** Which restored objects hold which fenced people. */
class MemoryIndex implements PersonObjects {
  readonly #keys = new Map<string, Map<string, number>>();

  async add(key: string, people: readonly LakePerson[]): Promise<number> {
    for (const { user_id, generation } of people) {
      const keys = this.#keys.get(user_id) ?? new Map<string, number>();
      this.#keys.set(user_id, keys.set(key, generation));
    }
    return people.length;
  }

  async *list(user_id: string, prefix: string): AsyncGenerator<PersonObject> {
    for (const [key, generation] of this.#keys.get(user_id) ?? [])
      if (key.startsWith(prefix)) yield { user_id, key, generation };
  }

  async remove(entries: readonly PersonObject[]): Promise<number> {
    for (const { user_id, key } of entries) this.#keys.get(user_id)?.delete(key);
    return entries.length;
  }
}
