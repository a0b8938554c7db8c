/**
 * How table, lake and manifest may differ.
 * - rows: `missing` (in the table only), `older`, `newer` (revision in the lake), `different` (same revision, other
 *   values), `erased` (in the lake though its person was fenced), `vanished` (in the lake only, though its time in the
 *   table is not over), `misplaced` (in another day's or shard's object), `unordered`, `unindexed` (its person is not in
 *   `user-objects`)
 * - objects: `unrecorded` (an object or rows without a manifest), `object-missing`, `other-version`, `other-rows`,
 *   `other-content`, `pending-upload`
 */
export type DifferenceKind =
  | "missing"
  | "older"
  | "newer"
  | "different"
  | "erased"
  | "vanished"
  | "misplaced"
  | "unordered"
  | "unindexed"
  | "unrecorded"
  | "object-missing"
  | "other-version"
  | "other-rows"
  | "other-content"
  | "pending-upload";

export interface DayDifference {
  readonly kind: DifferenceKind;
  readonly count: number;
  /** The first 1,000: ids of messages, or names of objects. Never a person's id. */
  readonly names: readonly string[];
}

const NAMES_KEPT = 1_000;

/** Collects differences of one day. */
export class Differences {
  readonly #found = new Map<DifferenceKind, { count: number; readonly names: string[] }>();

  /** @param name id of a message or key of an object */
  add(kind: DifferenceKind, name: string): void {
    const entry = this.#found.get(kind) ?? { count: 0, names: [] };
    entry.count += 1;
    if (entry.names.length < NAMES_KEPT) entry.names.push(name);
    this.#found.set(kind, entry);
  }

  list(): DayDifference[] {
    return [...this.#found].map(([kind, { count, names }]) => ({ kind, count, names }));
  }
}
