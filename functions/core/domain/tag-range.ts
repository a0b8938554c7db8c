import { TransientError } from "./errors.ts";
import { keyNumberOf } from "./key-chain.ts";

/**
 * Under which keys' tags the ledger keeps its fences: part of the ledger, so that a fence and a lookup agree on it.
 * Each number only ever grows.
 */
export interface TagRange {
  /** A fence is written under the tags of all keys from this one … */
  readonly from: number;
  /** … to this one. */
  readonly to: number;
  /** Every fence is there under the tags of the keys from `from` to this one: they may be asked for. */
  readonly complete: number;
}

/** Before the first rotation. */
export const FIRST_RANGE: TagRange = { from: 1, to: 1, complete: 1 };

const ROTATION =
  "a rotation of the hash keys is under way: start whoever asks anew, so that it reads the keys again; see the runbook rotate-hash-keys";

/**
 * @throws TransientError where a tag is asked for under which a fence could be missing: who knows an older chain of keys
 * than the ledger must not be told that nobody was erased
 */
export function assertComplete(tags: Iterable<string>, { from, complete }: TagRange): void {
  for (const tag of tags) {
    const key = keyNumberOf(tag);
    if (key < from || key > complete) {
      throw new TransientError(`erasure-ledger: asked for a tag of key k${key}: ${ROTATION}`);
    }
  }
}

/**
 * Of one person's tags those under which a fence is to be written.
 * @throws TransientError where one is missing
 */
export function storedTags(tags: readonly string[], { from, to }: TagRange): string[] {
  const stored = tags.filter((tag) => keyNumberOf(tag) >= from && keyNumberOf(tag) <= to);
  if (new Set(stored.map(keyNumberOf)).size !== to - from + 1) {
    throw new TransientError(
      `erasure-ledger: a fence needs the tags of the keys k${from} to k${to}: ${ROTATION}`,
    );
  }
  return stored;
}

/**
 * @param tags those of several people, of each under every key
 * @throws TransientError where somebody's tag under a key of the range is missing
 */
export function assertWhole(tags: Iterable<string>, { to }: TagRange): void {
  const people = new Map<number, number>();
  for (const tag of tags) people.set(keyNumberOf(tag), (people.get(keyNumberOf(tag)) ?? 0) + 1);
  for (let key = 2; key <= to; key++) {
    if (people.get(key) !== people.get(1)) {
      throw new TransientError(
        `erasure-ledger: asked for a hold without the tag of key k${key}: ${ROTATION}`,
      );
    }
  }
}
