import { liveGeneration } from "../domain/fence.ts";
import { CONTEXT_CAPACITY, type ContextCache, type ContextMessage } from "../ports/context-cache.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { MessageReader } from "../ports/message-store.ts";

/**
 * Rows that a fill puts into the cache: what a context holds, and room for deleted ones. They become tombstones,
 * so that a late copy of a deleted message does not bring its text back.
 */
const FILL_ROWS = 2 * CONTEXT_CAPACITY;

export interface ReadContextDeps {
  readonly cache: ContextCache;
  readonly reader: MessageReader;
  readonly ledger: ErasureLedger;
  /** Told when the cache could not be used; the answer then comes from the rows. */
  readonly reportCacheFailure: (error: unknown) => void;
}

export interface RecentContext {
  /** Newest first, in the order shown. */
  readonly messages: readonly ContextMessage[];
  /** Where they came from: the cache (`hit`), or the rows because it had none or does not answer. */
  readonly cache: "hit" | "miss" | "unavailable";
}

/**
 * A person's recent messages: from the cache in one round trip, else from the rows, and then the cache is
 * filled under a lease that any write in between kills; the ledger is asked again after the fill.
 * @param limit 1 to 1000
 */
export async function readContext(
  person: { readonly user_id: string; readonly tag: string },
  limit: number,
  deps: ReadContextDeps,
): Promise<RecentContext> {
  const { cache, reader, ledger } = deps;
  let available = true;
  const guarded = <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      available = false;
      deps.reportCacheFailure(error);
      return undefined;
    });

  const cached = limit <= CONTEXT_CAPACITY ? await guarded(cache.read(person.tag, limit)) : undefined;
  if (cached) return { messages: cached, cache: "hit" };

  const generation = await generationOf(person.tag, ledger);
  const lease = await guarded(cache.beginFill(person.tag, generation));
  const wanted = Math.max(limit, CONTEXT_CAPACITY);
  const rows = await reader.recent(person.user_id, generation, wanted, "included");
  if (lease) {
    const filled = await guarded(cache.commitFill(lease, rows.slice(0, FILL_ROWS)));
    if (filled && (await generationOf(person.tag, ledger)) !== generation) {
      await guarded(cache.invalidate([person.tag]));
      return readContext(person, limit, deps);
    }
  }
  const live = rows.filter((row) => !row.deleted);
  return { messages: live.slice(0, limit), cache: available ? "miss" : "unavailable" };
}

const generationOf = async (tag: string, ledger: ErasureLedger): Promise<number> =>
  liveGeneration((await ledger.fences([tag])).get(tag));
