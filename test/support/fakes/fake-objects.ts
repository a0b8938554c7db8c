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

/** An index of objects by person in memory; the same object again replaces its entry. */
export function createFakeObjectIndex(): ObjectIndex & { entries(): IndexEntry[] } {
  const held = new Map<string, IndexEntry>();
  return {
    entries: () => [...held.values()],
    async add(entry) {
      held.set(JSON.stringify([entry.user_id, entry.key]), entry);
    },
    async remove({ user_id, key }) {
      held.delete(JSON.stringify([user_id, key]));
    },
  };
}
