import type { KeyChain } from "../domain/key-chain.ts";
import { SHARDS } from "../domain/shard.ts";
import type { DayReader, RowSummary } from "../ports/day-reader.ts";
import type { CacheRepair, IndexRepair, RepairQueue } from "../ports/repair-queue.ts";

export interface ReplayDeps {
  readonly days: DayReader;
  readonly repairs: RepairQueue;
  readonly keys: KeyChain;
}

/** What was asked for: rows to index again, contexts to drop. */
export interface Replayed {
  readonly rows: number;
  readonly people: number;
}

/** Repairs sent at once. */
const AT_ONCE = 200;

/**
 * Has one UTC day's rows indexed again and its people's cached contexts dropped, through the queues of repairs, whose
 * consumers read the rows anew and ask the fence. Again is harmless.
 * @param userId only this person's rows
 * @throws TransientError | PermanentError; what was sent before is done all the same
 */
export async function replayDay(
  day: string,
  userId: string | undefined,
  deps: ReplayDeps,
  onProgress: (replayed: Replayed) => void,
): Promise<Replayed> {
  let [rows, people] = [0, 0];
  let index: IndexRepair[] = [];
  let cache: CacheRepair[] = [];
  let last = "";
  const send = async (): Promise<void> => {
    await deps.repairs.reindex(index);
    await deps.repairs.refreshCache(cache);
    rows += index.length;
    people += cache.length;
    [index, cache] = [[], []];
    onProgress({ rows, people });
  };
  for await (const { user_id, sort_key } of rowsOf(day, userId, deps.days)) {
    const tag = deps.keys.tag(user_id);
    index.push({ user_id, sort_key, tag });
    // A person's rows follow each other.
    if (user_id !== last) cache.push({ user_id, tag });
    last = user_id;
    if (index.length === AT_ONCE) await send();
  }
  await send();
  return { rows, people };
}

async function* rowsOf(day: string, userId: string | undefined, days: DayReader): AsyncGenerator<RowSummary> {
  if (userId !== undefined) yield* days.rowsOf(day, userId);
  else for (let shard = 0; shard < SHARDS; shard++) yield* days.rows(day, shard);
}
