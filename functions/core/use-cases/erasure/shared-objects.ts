import { inGroups, mapBounded } from "../../domain/batches.ts";
import type { ErasureTarget } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import { lakePlaceOf } from "../../domain/lake-places.ts";
import type { UploadName } from "../../ports/lake-objects.ts";
import type { LakePerson } from "../../ports/lake-people.ts";
import type { PersonalRecord, PersonalStore } from "../../ports/personal-store.ts";
import { KeyFailures } from "./key-failures.ts";
import { TargetCounts } from "./object-counts.ts";
import type { ObjectStoresDeps } from "./object-deps.ts";
import {
  all,
  dueEntries,
  indexedObjects,
  isCurrent,
  lastGenerations,
  lastUnfenced,
  type TouchedObject,
  uploadsByKey,
} from "./object-targets.ts";
import type { PeopleFiles } from "./people-files.ts";
import { noteNew } from "./request-notes.ts";
import { type ObjectRemoval, removeFromObject } from "./rewrite-object.ts";
import { unlessGone } from "./unless-gone.ts";
import { verifySharedObject } from "./verify-object.ts";

/** A folder whose objects hold many people each. */
export interface SharedFolder {
  /** The store's name. */
  readonly name: string;
  /** What all its keys begin with. */
  readonly prefix: string;
  /** How a file of it is read; `undefined`: it holds nobody. */
  filesOf(key: string): PeopleFiles | undefined;
  /** Objects are found by listing the folder, and all of them may hold anybody. @default by the index */
  readonly isListed?: boolean;
}

/** Objects worked on at once. */
const AT_ONCE = 3;

/** A store of objects that hold many people each: erased by rewriting each object once for all targets of a call. */
export function createSharedObjects(folder: SharedFolder, deps: ObjectStoresDeps): PersonalStore {
  const { name, prefix } = folder;
  const { people, objects, versions, index, notes, writerLifeMs } = deps;

  /** Objects that may hold the targets. */
  async function touchedBy(targets: readonly ErasureTarget[]): Promise<TouchedObject[]> {
    if (!folder.isListed) return indexedObjects(targets, prefix, people);
    return (await listedKeys()).map((key) => ({ key, targets, entries: [] }));
  }

  async function listedKeys(): Promise<string[]> {
    const keys = new Set<string>();
    for await (const { key } of versions.below(prefix)) if (folder.filesOf(key)) keys.add(key);
    return [...keys];
  }

  function filesOf(key: string): PeopleFiles {
    const files = folder.filesOf(key);
    if (files) return files;
    throw new PermanentError("it is indexed, and no eraser knows such files: remove it by hand");
  }

  const uploadsFor = (targets: readonly ErasureTarget[]) =>
    uploadsByKey(prefix, versions, lastUnfenced(targets, writerLifeMs));

  /**
   * Uploads to files that nothing says the targets are in: who begins one enters its people later, and may be killed
   * before. Nobody can say whose they are, so they go; a writer that lives begins again.
   */
  function straysOf(
    uploads: ReadonlyMap<string, readonly UploadName[]>,
    touched: Iterable<string>,
  ): UploadName[] {
    const keys = new Set(touched);
    return [...uploads].flatMap(([key, some]) => (keys.has(key) || !folder.filesOf(key) ? [] : some));
  }

  return {
    async count(targets) {
      const counts = new TargetCounts(targets);
      const failures = new KeyFailures();
      const uploads = await uploadsFor(targets);
      const touched = await touchedBy(targets);
      tellStrays(straysOf(uploads, keysOf(touched)), counts);
      await mapBounded(touched, AT_ONCE, (object) =>
        failures.collect(object.key, async () => {
          const { listed, current, found } = await unlessGone(async () => {
            const listed = await all(versions.entries(object.key));
            const current = listed.find(isCurrent);
            const found =
              current && (await filesOf(object.key).count(objects.open(object.key, current), object.targets));
            return { listed, current, found };
          });
          const indexed = new Set(dueEntries(object).map(({ user_id }) => user_id));
          for (const { user_id } of object.targets) {
            const { rows = 0 } = found?.get(user_id) ?? {};
            if (rows === 0 && !indexed.has(user_id)) continue;
            const old = listed.length + (uploads.get(object.key)?.length ?? 0);
            counts.add(user_id, {
              items: indexed.has(user_id) ? 1 : 0,
              objects: rows > 0 ? 1 : 0,
              // The current version goes only where it holds the person.
              versions: rows > 0 || !current ? old : old - 1,
              rows,
              bytes: rows > 0 ? (current?.byteLength ?? 0) : 0,
            });
          }
        }),
      );
      failures.throwAny(name);
      return counts.list();
    },

    async erase(targets, pace) {
      const counts = new TargetCounts(targets);
      const failures = new KeyFailures();
      const touched = await touchedBy(targets);
      await noteNew(keysOf(touched), notes);
      const uploads = await uploadsFor(targets);
      const strays = straysOf(uploads, keysOf(touched));
      if (strays.length > 0 && (await pace.unheld(targets)).length > 0) {
        await mapBounded(strays, AT_ONCE, (upload) => objects.abort(upload));
        tellStrays(strays, counts);
      }
      let done = true;
      const eraseFrom = (object: TouchedObject): Promise<void> =>
        failures.collect(object.key, async () => {
          if (!pace.hasTime()) {
            done = false;
            return;
          }
          const { key } = object;
          const removal = await removeFromObject(
            { key, files: filesOf(key), targets: object.targets, uploads: uploads.get(key) ?? [] },
            pace,
            deps,
          );
          const erased = new Set(removal.targets.map(({ user_id }) => user_id));
          const entries = dueEntries(object).filter(
            ({ user_id }) => erased.has(user_id) && !removal.staying.has(user_id),
          );
          const upTo = lastGenerations(removal.targets);
          // Up to what was erased: an entry that was raised meanwhile stays.
          await people.remove(
            entries.map(({ user_id }) => ({ user_id, key, generation: upTo.get(user_id) ?? 0 })),
          );
          await enterNext(key, removal);
          const indexed = new Set(entries.map(({ user_id }) => user_id));
          for (const user_id of erased) {
            const rows = removal.removed.get(user_id) ?? 0;
            if (rows === 0 && !indexed.has(user_id)) continue;
            counts.add(user_id, {
              items: indexed.has(user_id) ? 1 : 0,
              objects: rows > 0 ? 1 : 0,
              versions: removal.versions,
              rows,
              bytes: rows > 0 ? removal.bytes : 0,
            });
          }
        });
      // One after the other within a day: each notes on the day that it made it dirty, and there is room for one.
      const days = Map.groupBy(touched, ({ key }) => lakePlaceOf(key)?.day ?? key);
      await mapBounded([...days.values()], AT_ONCE, async (ofDay) => {
        for (const object of ofDay) await eraseFrom(object);
      });
      failures.throwAny(name, counts.list());
      return { done, removed: counts.list() };
    },

    async verify(targets) {
      const counts = new TargetCounts(targets);
      const failures = new KeyFailures();
      const touched = (await notes.all()).filter((key) => key.startsWith(prefix));
      const keys = new Set([...touched, ...(folder.isListed ? await listedKeys() : [])]);
      const uploads = await uploadsFor(targets);
      tellStrays(straysOf(uploads, keys), counts);
      await mapBounded([...keys], AT_ONCE, (key) =>
        failures.collect(key, async () => {
          const found = await verifySharedObject(key, filesOf(key), targets, uploads.get(key) ?? [], deps);
          // Whoever is found is entered again, so that the next erasure finds them.
          const people = targets.filter(({ user_id }) => found.has(user_id));
          if (!folder.isListed) await enter(key, people);
          for (const [user_id, residue] of found) counts.add(user_id, residue);
        }),
      );
      failures.throwAny(name);
      if (!folder.isListed) {
        for (const object of await indexedObjects(targets, prefix, people)) {
          for (const { user_id } of dueEntries(object)) counts.add(user_id, { items: 1 });
        }
      }
      return counts.list();
    },

    async *export({ user_id }): AsyncGenerator<PersonalRecord> {
      const keys = folder.isListed ? await listedKeys() : keysOf(await all(people.list(user_id, prefix)));
      for (const key of keys) {
        const rows = await currentRows(key, user_id);
        if (rows.length > 0) yield { kind: "json", name: `${key}.json`, value: rows };
      }
    },
  };

  async function enter(key: string, found: readonly LakePerson[]): Promise<void> {
    for (const some of inGroups(found, INDEXED_AT_ONCE)) await index.add(key, some);
  }

  /** Who has rows of a later generation there is entered with it, as the index should say already. */
  async function enterNext(key: string, { targets, staying }: ObjectRemoval): Promise<void> {
    const back = targets.filter(({ user_id }) => staying.has(user_id));
    await enter(
      key,
      back.map(({ user_id, generation }) => ({ user_id, generation: generation + 1 })),
    );
  }

  /** Rows of the current version. */
  function currentRows(key: string, userId: string): Promise<readonly unknown[]> {
    return unlessGone(async () => {
      const current = await objects.head(key);
      return current === undefined ? [] : filesOf(key).rowsOf(objects.open(key, current), userId);
    });
  }
}

const keysOf = (objects: readonly { readonly key: string }[]): string[] => objects.map(({ key }) => key);

/** Nobody can say whose they are. */
const tellStrays = (strays: readonly UploadName[], counts: TargetCounts): void =>
  counts.add(undefined, { versions: strays.length });

/** People whom one call of `LakePeople` takes. */
const INDEXED_AT_ONCE = 100;
