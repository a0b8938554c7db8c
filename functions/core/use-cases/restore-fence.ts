import {
  addCounts,
  type ErasureTarget,
  isNothing,
  NOTHING_HELD,
  type StoreCounts,
} from "../domain/erasure.ts";
import { PermanentError } from "../domain/errors.ts";
import type { Fence } from "../domain/fence.ts";
import { type KeyChain, keyNumberOf } from "../domain/key-chain.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { LakeDays } from "../ports/lake-days.ts";
import type { LegalHolds } from "../ports/legal-holds.ts";
import type { PersonalStore } from "../ports/personal-store.ts";
import type { FoundPerson, RestoredPeople } from "../ports/restored-people.ts";

/** Something restored that does not serve yet. */
export interface Restored {
  readonly people: RestoredPeople;
  /** The eraser of its kind, bound to the restored name. */
  readonly store: Pick<PersonalStore, "erase" | "verify">;
}

export interface RestoreFenceDeps {
  readonly ledger: ErasureLedger;
  readonly days: Pick<LakeDays, "fenceSequence">;
  readonly keys: Pick<KeyChain, "tag" | "tags" | "nextTag" | "lookups" | "length">;
  readonly holds: Pick<LegalHolds, "held">;
  /** Is told how many were looked at and how many of them are fenced. */
  readonly onProgress?: (people: number, fenced: number) => void;
}

/** What running the fences found and did. Counts only. */
export interface RestoreFenceReport {
  /** People looked at; one whose data lies apart may be counted more than once. */
  readonly people: number;
  /** Of them those of whom an erased past came back. */
  readonly fenced: number;
  readonly removed: StoreCounts;
  /** What is still there of it: must be nothing before it serves. Of people under a legal hold nothing is removed. */
  readonly remaining: StoreCounts;
  /** Fences that the ledger held. */
  readonly fences: number;
}

/** People asked for at a time: what the ledger answers in one round trip. */
export const BATCH = 99;
/** How often what is still there is removed again. */
const MOST_ROUNDS = 3;
/** How often all is looked through again because somebody was fenced meanwhile. */
const MOST_PASSES = 5;

/**
 * Runs all fences over something restored before it serves: whoever was erased since the backup, or before it, is erased
 * from it. The ledger must be restored before all else.
 * @param leastFences what the ledger must hold at least, as known from before
 * @throws PermanentError where the ledger is older than what it is asked about: nothing was removed since; TransientError
 */
export async function fenceRestored(
  restored: Restored,
  leastFences: number,
  deps: RestoreFenceDeps,
): Promise<RestoreFenceReport> {
  let removed = NOTHING_HELD;
  return untilStill(leastFences, deps, async () => {
    let [people, fenced, remaining] = [0, 0, NOTHING_HELD];
    for await (const batch of batches(restored.people.all())) {
      const targets = await fencedAmong(batch, deps);
      const outcome = await eraseTargets(restored.store, targets, deps);
      people += batch.length;
      fenced += targets.length;
      removed = addCounts(removed, outcome.removed);
      remaining = addCounts(remaining, outcome.remaining);
      deps.onProgress?.(people, fenced);
    }
    return { people, fenced, removed, remaining };
  });
}

/** Looks through all again until nobody was fenced meanwhile: whoever was may have been looked at before. */
export async function untilStill<T>(
  leastFences: number,
  deps: Pick<RestoreFenceDeps, "days">,
  look: () => Promise<T>,
): Promise<T & { readonly fences: number }> {
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const fences = await readFences(leastFences, deps);
    const found = await look();
    if ((await deps.days.fenceSequence()) === fences) return { ...found, fences };
  }
  throw new PermanentError(
    "restore fence: people are being fenced all the time: let running erasures end, then start it again",
  );
}

/** How many fences there are. @throws PermanentError where they are fewer than there must be */
async function readFences(leastFences: number, deps: Pick<RestoreFenceDeps, "days">): Promise<number> {
  const fences = await deps.days.fenceSequence();
  if (fences >= leastFences) return fences;
  throw new PermanentError(
    `restore fence: the ledger holds ${fences} fences, and there were ${leastFences} at least: restore erasure-ledger first, before all else`,
  );
}

/**
 * The fence of each that has one.
 * @throws PermanentError where data is of a later generation than the ledger knows: it is older than the data
 */
async function fencesOf(
  people: readonly FoundPerson[],
  deps: Pick<RestoreFenceDeps, "ledger" | "keys">,
): Promise<(Fence | undefined)[]> {
  const tags = people.map((person) => lookupTag(person, deps.keys));
  const fences = await deps.ledger.fences(tags);
  return people.map(({ generation = 1 }, nth) => {
    const fence = fences.get(tags[nth] ?? "");
    if (generation > (fence?.generation ?? 0) + 1)
      throw new PermanentError(
        "restore fence: there is data of a later generation than the ledger knows: restore erasure-ledger to a later moment, before all else",
      );
    return fence;
  });
}

/** Targets of those that have a fence. @throws as `fencesOf` */
export async function fencedAmong(
  people: readonly FoundPerson[],
  deps: RestoreFenceDeps,
): Promise<ErasureTarget[]> {
  const fences = await fencesOf(people, deps);
  return people.flatMap((person, nth) => {
    const fence = fences[nth];
    if (fence === undefined) return [];
    const tags =
      person.user_id === undefined ? tagsFrom(person.tag ?? "", deps.keys) : deps.keys.tags(person.user_id);
    const tag = lookupTag(person, deps.keys);
    return [{ user_id: person.user_id ?? tag, tag, tags, ...fence }];
  });
}

/** The tag that the ledger is asked for. */
const lookupTag = ({ user_id, tag = "" }: FoundPerson, keys: RestoreFenceDeps["keys"]): string =>
  user_id === undefined
    ? (tagsFrom(tag, keys).find((one) => keyNumberOf(one) === keys.lookups) ?? tag)
    : keys.tag(user_id);

/** A stored tag and those of the same person under all later keys: without the id there is no way back. */
function tagsFrom(tag: string, keys: RestoreFenceDeps["keys"]): string[] {
  const tags = [tag];
  for (let last = tag; keyNumberOf(last) < keys.length; ) {
    last = keys.nextTag(last);
    tags.push(last);
  }
  return tags;
}

/** Removes and looks again, more than once where something is left. Held people's data stays. */
export async function eraseTargets(
  store: Restored["store"],
  targets: readonly ErasureTarget[],
  deps: RestoreFenceDeps,
): Promise<{ removed: StoreCounts; remaining: StoreCounts }> {
  let [removed, remaining] = [NOTHING_HELD, NOTHING_HELD];
  if (targets.length === 0) return { removed, remaining };
  const pace = {
    hasTime: () => true,
    unheld: async (wanted: readonly ErasureTarget[]) => {
      const held = await deps.holds.held(wanted.flatMap(({ tags }) => tags));
      return wanted.filter(({ tags }) => !tags.some((tag) => held.has(tag)));
    },
  };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (let done = false; !done; ) {
      const result = await store.erase(targets, pace);
      removed = result.removed.reduce(addCounts, removed);
      done = result.done;
    }
    remaining = (await store.verify(targets)).reduce(addCounts, NOTHING_HELD);
    if (isNothing(remaining)) break;
  }
  return { removed, remaining };
}

/** People in groups, each once in its group. */
async function* batches(people: AsyncIterable<FoundPerson>): AsyncGenerator<FoundPerson[]> {
  let batch = new Map<string, FoundPerson>();
  for await (const person of people) {
    const name = JSON.stringify([person.user_id, person.tag]);
    const known = batch.get(name);
    if (known === undefined && batch.size === BATCH) {
      yield [...batch.values()];
      batch = new Map();
    }
    if ((known?.generation ?? 0) <= (person.generation ?? 0)) batch.set(name, person);
  }
  if (batch.size > 0) yield [...batch.values()];
}
