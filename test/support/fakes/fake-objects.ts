import { TransientError } from "../../../functions/core/domain/errors.ts";
import type { ObjectIndex, ObjectStore } from "../../../functions/core/ports/object-store.ts";

interface StoredObject {
  readonly body: string;
  readonly contentType: string;
}

/** An object store in memory. */
export function createFakeObjectStore(): ObjectStore & {
  readonly objects: ReadonlyMap<string, StoredObject>;
} {
  const objects = new Map<string, StoredObject>();
  return {
    objects,
    async put(key, body, contentType) {
      objects.set(key, { body, contentType });
    },
    async get(key) {
      return objects.get(key)?.body;
    },
    async remove(key) {
      objects.delete(key);
    },
  };
}

type IndexEntry = Parameters<ObjectIndex["add"]>[0];

/** An index of objects by person in memory; the same object again replaces its entry, unless that is of a later generation. */
export function createFakeObjectIndex(): ObjectIndex & { entries(): IndexEntry[] } {
  const held = new Map<string, IndexEntry>();
  return {
    entries: () => [...held.values()],
    async add(entry) {
      const name = JSON.stringify([entry.user_id, entry.key]);
      if ((held.get(name)?.generation ?? 0) > entry.generation) {
        throw new TransientError("user-objects: the object is a later generation's");
      }
      held.set(name, entry);
    },
  };
}
