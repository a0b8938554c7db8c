import { liveGeneration } from "../domain/fence.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { MessageIndex } from "../ports/message-index.ts";
import type { MessageReader } from "../ports/message-store.ts";
import type { IndexRepair } from "../ports/repair-queue.ts";
import { keyOf, textOf } from "./index-stored.ts";

export interface RepairIndexDeps {
  readonly reader: MessageReader;
  readonly index: MessageIndex;
  readonly ledger: ErasureLedger;
}

/** What became of one repair. `gone`: no live row, so nothing to index. */
export type IndexRepaired =
  | { readonly status: "indexed" | "current" | "gone" }
  | { readonly status: "failed"; readonly reason: string };

/**
 * Mends the search index: re-reads the rows strongly and indexes those of live generations at their revision.
 * @returns what became of each repair, in order
 * @throws TransientError | PermanentError when rows, ledger or index as a whole cannot be used
 */
export async function repairIndex(
  repairs: readonly IndexRepair[],
  { reader, index, ledger }: RepairIndexDeps,
): Promise<IndexRepaired[]> {
  const [rows, fences] = await Promise.all([
    reader.byKeys(repairs),
    ledger.fences([...new Set(repairs.map(({ tag }) => tag))]),
  ]);
  const tags = new Map(repairs.map(({ user_id, tag }) => [user_id, tag]));
  const live = rows.filter(
    (row) => row.generation >= liveGeneration(fences.get(tags.get(row.user_id) ?? "")),
  );
  const results = await index.index(live);
  const byRow = new Map(live.map((row, position) => [textOf(keyOf(row)), results[position]]));
  return repairs.map((repair) => byRow.get(textOf(repair)) ?? { status: "gone" });
}
