import {
  type ContextComparison,
  MAX_PEOPLE,
  type Person,
  type ShardReport,
} from "../contracts/repair-day.ts";
import { pairByKey } from "../domain/key-order.ts";
import { documentVersion } from "../domain/search-document.ts";
import type { ContextComparer } from "../ports/context-comparer.ts";
import type { DayReader } from "../ports/day-reader.ts";
import { type Difference, type SettleDeps, settleDifferences } from "./settle-differences.ts";

export interface RepairShardDeps extends SettleDeps {
  readonly days: DayReader;
  readonly contexts: ContextComparer;
  /** Told why contexts could not be compared. */
  readonly reportCacheFailure: (error: unknown) => void;
  /** False when no further part may begin. */
  readonly hasTime: () => boolean;
}

/** Differences that are settled at once. */
const AT_ONCE = 100;

/**
 * Compares rows and search documents of one shard of a day, key by key in bounded memory, and the cached contexts of
 * the people who wrote there; mends what differs.
 * @throws TransientError | PermanentError when rows, ledger or index cannot be used; what was mended stays so
 */
export async function repairShard(day: string, shard: number, deps: RepairShardDeps): Promise<ShardReport> {
  await deps.dayIndex.refresh();
  const counts = {
    rows: 0,
    documents: 0,
    missing: 0,
    older: 0,
    newer: 0,
    orphaned: 0,
    outlived: 0,
    mended: 0,
  };
  let isComplete = true;
  let differences: Difference[] = [];
  const settle = async (): Promise<void> => {
    const settled = await settleDifferences(differences, deps);
    for (const { kind, isMended } of settled) {
      if (kind !== "none") counts[kind] += 1;
      if (isMended) counts.mended += 1;
    }
    differences = [];
  };
  const cache = new CacheComparison(deps);

  for await (const { left: row, right: document } of pairByKey(
    deps.days.rows(day, shard),
    deps.dayIndex.documents(day, shard),
  )) {
    if (row) {
      counts.rows += 1;
      await cache.add(row.user_id);
    }
    if (document) counts.documents += 1;
    if (!row || !document || documentVersion(row) !== documentVersion(document)) {
      const key = row ?? document;
      if (key) differences.push({ key, ...(document && { document }) });
    }
    if (differences.length === AT_ONCE) await settle();
    if (!deps.hasTime()) {
      isComplete = false;
      break;
    }
  }
  await settle();
  const { missing, older, newer, orphaned, mended } = counts;
  return {
    day,
    shard,
    ...counts,
    remaining: missing + older + newer + orphaned - mended,
    cache: await cache.result(),
    isComplete,
  };
}

/** Compares the contexts of people who come one after the other, so many at a time. */
class CacheComparison {
  readonly #deps: RepairShardDeps;
  #people: Person[] = [];
  #sum: ContextComparison | null = { contexts: 0, stale: 0 };

  constructor(deps: RepairShardDeps) {
    this.#deps = deps;
  }

  async add(user_id: string): Promise<void> {
    if (this.#sum === null || this.#people.at(-1)?.user_id === user_id) return;
    if (this.#people.length === MAX_PEOPLE) await this.#compare();
    this.#people.push({ user_id, tag: this.#deps.keys.tag(user_id) });
  }

  /** The sums, or `null` where the cache failed once. */
  async result(): Promise<ContextComparison | null> {
    if (this.#people.length > 0) await this.#compare();
    return this.#sum;
  }

  async #compare(): Promise<void> {
    const people = this.#people;
    this.#people = [];
    if (this.#sum === null) return;
    try {
      const { contexts, stale } = await this.#deps.contexts.compare(people);
      this.#sum = { contexts: this.#sum.contexts + contexts, stale: this.#sum.stale + stale };
    } catch (error) {
      // The index is compared all the same: it does not need the cache.
      this.#deps.reportCacheFailure(error);
      this.#sum = null;
    }
  }
}
