import { mapBounded } from "../../domain/batches.ts";
import type { ErasureTarget } from "../../domain/erasure.ts";
import type { LakeVersions, ObjectVersion, UnfinishedUpload } from "../../ports/lake-objects.ts";
import type { PersonObject, PersonObjects } from "../../ports/person-objects.ts";

/** An object, and who of the targets may be in it. */
export interface TouchedObject {
  readonly key: string;
  readonly targets: readonly ErasureTarget[];
  /** What the index says of it and them; empty where it was found otherwise. */
  readonly entries: readonly PersonObject[];
}

const QUERIES_AT_ONCE = 16;

/** Objects of the targets under a prefix, as the index has them, each once. Entries that this erasure will remove come first. */
export async function indexedObjects(
  targets: readonly ErasureTarget[],
  prefix: string,
  people: Pick<PersonObjects, "list">,
): Promise<TouchedObject[]> {
  const byKey = new Map<string, { key: string; targets: ErasureTarget[]; entries: PersonObject[] }>();
  await mapBounded(targets, QUERIES_AT_ONCE, async (target) => {
    for await (const entry of people.list(target.user_id, prefix)) {
      const object = byKey.get(entry.key) ?? { key: entry.key, targets: [], entries: [] };
      object.targets.push(target);
      object.entries.push(entry);
      byKey.set(entry.key, object);
    }
  });
  const due = (object: TouchedObject): number => (dueEntries(object).length > 0 ? 0 : 1);
  return [...byKey.values()].sort((a, b) => due(a) - due(b) || (a.key < b.key ? -1 : 1));
}

/** Entries of generations that go. */
export function dueEntries({ targets, entries }: Omit<TouchedObject, "key">): PersonObject[] {
  const upTo = lastGenerations(targets);
  return entries.filter(({ user_id, generation }) => generation <= (upTo.get(user_id) ?? 0));
}

/** The last generation that goes, by user id. */
export const lastGenerations = (targets: readonly ErasureTarget[]): ReadonlyMap<string, number> =>
  new Map(targets.map(({ user_id, generation }) => [user_id, generation]));

/** Until when a writer may have begun that did not know of the targets' fences. ms since 1970 */
export const lastUnfenced = (targets: readonly ErasureTarget[], writerLifeMs: number): number =>
  targets.reduce((last, { fenced_at }) => Math.max(last, Date.parse(fenced_at)), 0) + writerLifeMs;

/** Unfinished uploads below a prefix, by key. @param until those begun later are left out, ms since 1970. @default none is */
export async function uploadsByKey(
  prefix: string,
  versions: Pick<LakeVersions, "uploads">,
  until = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<string, readonly UnfinishedUpload[]>> {
  const found = new Map<string, UnfinishedUpload[]>();
  for await (const upload of versions.uploads(prefix)) {
    if (Date.parse(upload.begunAt) <= until)
      found.set(upload.key, [...(found.get(upload.key) ?? []), upload]);
  }
  return found;
}

/** Everything that comes. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Whether a version is what readers of the key see. */
export const isCurrent = ({ isLatest, isMarker }: ObjectVersion): boolean => isLatest && !isMarker;

/** Data first: with its delete marker gone an old version would be what readers see. */
export const dataFirst = (versions: readonly ObjectVersion[]): ObjectVersion[] =>
  versions.toSorted((a, b) => Number(a.isMarker) - Number(b.isMarker));
