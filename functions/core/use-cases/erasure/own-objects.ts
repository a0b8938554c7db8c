import { mapBounded } from "../../domain/batches.ts";
import type { ErasureTarget } from "../../domain/erasure.ts";
import { failedAfter } from "../../domain/erasure-errors.ts";
import { namedNote } from "../../domain/named-note.ts";
import type { LakeVersion, ObjectVersion, UnfinishedUpload } from "../../ports/lake-objects.ts";
import type { PersonalRecord, PersonalStore } from "../../ports/personal-store.ts";
import { KeyFailures } from "./key-failures.ts";
import { TargetCounts } from "./object-counts.ts";
import type { ObjectStoresDeps } from "./object-deps.ts";
import {
  all,
  dataFirst,
  dueEntries,
  indexedObjects,
  isCurrent,
  type TouchedObject,
  uploadsByKey,
} from "./object-targets.ts";
import { blocksOf } from "./people-files.ts";
import { noteNew } from "./request-notes.ts";

/** Objects removed between two questions for holds. */
const BATCH = 25;
const AT_ONCE = 8;

type Uploads = ReadonlyMap<string, readonly UnfinishedUpload[]>;

/** Owner and key: the key alone does not say whose it was, and their owner may be held by now. */
const OWN_NOTE = namedNote("own");

/**
 * A store of objects that are one person's each. They are of one generation: keys of a later one differ. Erased with all
 * versions, delete markers and unfinished uploads, each by its exact key; then the index forgets them.
 */
export function createOwnObjects(name: string, prefix: string, deps: ObjectStoresDeps): PersonalStore {
  const { people, objects, versions, index, notes } = deps;

  const dueObjects = async (targets: readonly ErasureTarget[]): Promise<TouchedObject[]> =>
    (await indexedObjects(targets, prefix, people)).filter((object) => dueEntries(object).length > 0);

  /** All of the folder, whenever they began: nobody else writes these keys. */
  const unfinishedUploads = (): Promise<Uploads> => uploadsByKey(prefix, versions);

  const weigh = (listed: readonly ObjectVersion[], uploads: readonly UnfinishedUpload[]) => {
    const current = listed.find(isCurrent);
    return {
      items: 1,
      objects: current ? 1 : 0,
      versions: listed.length + uploads.length,
      bytes: current?.byteLength ?? 0,
    };
  };

  async function removeObject({ key, ...object }: TouchedObject, uploads: Uploads, counts: TargetCounts) {
    const listed = await all(versions.entries(key));
    const unfinished = uploads.get(key) ?? [];
    for (const upload of unfinished) await objects.abort(upload);
    await versions.remove(dataFirst(listed));
    const entries = dueEntries(object);
    await people.remove(entries);
    for (const { user_id } of entries) counts.add(user_id, weigh(listed, unfinished));
  }

  return {
    async count(targets) {
      const counts = new TargetCounts(targets);
      const failures = new KeyFailures();
      const uploads = await unfinishedUploads();
      await mapBounded(await dueObjects(targets), AT_ONCE, (object) =>
        failures.collect(object.key, async () => {
          const found = weigh(await all(versions.entries(object.key)), uploads.get(object.key) ?? []);
          for (const { user_id } of dueEntries(object)) counts.add(user_id, found);
        }),
      );
      failures.throwAny(name);
      return counts.list();
    },

    async erase(targets, pace) {
      const counts = new TargetCounts(targets);
      const failures = new KeyFailures();
      const due = await dueObjects(targets);
      await noteNew(
        due.flatMap(dueEntries).map(({ user_id, key }) => OWN_NOTE.write(user_id, key)),
        notes,
      );
      const uploads = await unfinishedUploads();
      let done = true;
      for (let start = 0; start < due.length && done; start += BATCH) {
        if (!pace.hasTime()) {
          done = false;
          break;
        }
        const batch = due.slice(start, start + BATCH);
        const asked = [...new Set(batch.flatMap((object) => object.targets))];
        const unheld = new Set(
          await pace.unheld(asked).catch((error: unknown) => {
            throw failedAfter(error, counts.list());
          }),
        );
        // An object of two ids stays while one of them is held.
        const free = batch.filter((object) => object.targets.every((target) => unheld.has(target)));
        await mapBounded(free, AT_ONCE, (object) =>
          failures.collect(object.key, () => removeObject(object, uploads, counts)),
        );
      }
      failures.throwAny(name, counts.list());
      return { done, removed: counts.list() };
    },

    async verify(targets) {
      const counts = new TargetCounts(targets);
      const failures = new KeyFailures();
      const due = await dueObjects(targets);
      for (const object of due) {
        for (const { user_id } of dueEntries(object)) counts.add(user_id, { items: 1 });
      }
      const indexed = new Set(due.map(({ key }) => key));
      const uploads = await unfinishedUploads();
      // Of others, such as who is held since, nothing is to be gone.
      const asked = new Map(targets.map((target) => [target.user_id, target]));
      const touched = new Map<string, ErasureTarget>();
      for (const [user_id, key] of OWN_NOTE.read(await notes.all())) {
        const owner = asked.get(user_id);
        if (owner && key.startsWith(prefix)) touched.set(key, owner);
      }
      await mapBounded([...touched], AT_ONCE, ([key, owner]) =>
        failures.collect(key, async () => {
          const { items: _, ...left } = weigh(await all(versions.entries(key)), uploads.get(key) ?? []);
          if (left.versions === 0) return;
          // Entered again, so that the next erasure finds it.
          if (!indexed.has(key)) await index.add(key, [owner]);
          counts.add(owner.user_id, left);
        }),
      );
      failures.throwAny(name);
      return counts.list();
    },

    async *export({ user_id }): AsyncGenerator<PersonalRecord> {
      for await (const { key } of people.list(user_id, prefix)) {
        const current = await objects.head(key);
        if (current) yield fileOf(key, current);
      }
    },
  };

  function fileOf(key: string, version: LakeVersion): PersonalRecord {
    const contentType = version.contentType ?? "application/octet-stream";
    return { kind: "file", name: key, contentType, body: blocksOf(objects.open(key, version)) };
  }
}
