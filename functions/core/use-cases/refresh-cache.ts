import { liveGeneration } from "../domain/fence.ts";
import type { ContextCache } from "../ports/context-cache.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { MessageReader } from "../ports/message-store.ts";
import type { CacheRepair } from "../ports/repair-queue.ts";
import { keyOf, textOf } from "./index-stored.ts";

export interface RefreshCacheDeps {
  readonly cache: ContextCache;
  readonly reader: MessageReader;
  readonly ledger: ErasureLedger;
}

/** Mends cached contexts: applies the row as it stands now, or drops the context where there is none. */
export async function refreshCache(
  repairs: readonly CacheRepair[],
  { cache, reader, ledger }: RefreshCacheDeps,
): Promise<void> {
  const keys = repairs.flatMap(({ user_id, sort_key }) =>
    sort_key === undefined ? [] : [{ user_id, sort_key }],
  );
  const [rows, fences] = await Promise.all([
    reader.byKeys(keys),
    ledger.fences([...new Set(repairs.map(({ tag }) => tag))]),
  ]);
  const byKey = new Map(rows.map((row) => [textOf(keyOf(row)), row]));

  const drop = new Set<string>();
  const apply: { tag: string; row: (typeof rows)[number] }[] = [];
  for (const { user_id, tag, sort_key } of repairs) {
    const row = sort_key === undefined ? undefined : byKey.get(textOf({ user_id, sort_key }));
    if (row && row.generation >= liveGeneration(fences.get(tag))) apply.push({ tag, row });
    else drop.add(tag);
  }
  await cache.invalidate([...drop]);
  await cache.apply(apply.filter(({ tag }) => !drop.has(tag)));
}
