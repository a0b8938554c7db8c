import type { ObjectIndex, ObjectStore } from "../ports/object-store.ts";

/** The two places a personal object lives in: the index that finds it by person, and the bucket. */
export interface PersonalObjects {
  readonly objectIndex: ObjectIndex;
  readonly objectStore: ObjectStore;
}

/** Writes an object that holds a person's data: index before object, so that an erasure always finds it. */
export async function putPersonalObject(
  { objectIndex, objectStore }: PersonalObjects,
  person: { readonly user_id: string; readonly generation: number },
  key: string,
  json: string,
): Promise<void> {
  await objectIndex.add({ user_id: person.user_id, generation: person.generation, key });
  await objectStore.put(key, json, "application/json");
}

/** `YYYY/MM/DD` of an ISO time in UTC. */
export const datePath = (isoTime: string): string => isoTime.slice(0, 10).replaceAll("-", "/");
