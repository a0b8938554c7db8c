import { TransientError } from "../domain/errors.ts";
import { liveGeneration } from "../domain/fence.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { MessageIndex } from "../ports/message-index.ts";
import type { MessageReader } from "../ports/message-store.ts";
import type { IndexRepair } from "../ports/repair-queue.ts";

export interface RepairIndexDeps {
  readonly reader: MessageReader;
  readonly index: MessageIndex;
  readonly ledger: ErasureLedger;
}

/**
 * Mends the search index: re-reads the rows and indexes those of live generations at their revision. A row that
 * is gone needs nothing.
 * @throws TransientError when any row could not be indexed
 */
export async function repairIndex(
  repairs: readonly IndexRepair[],
  { reader, index, ledger }: RepairIndexDeps,
): Promise<void> {
  const [rows, fences] = await Promise.all([
    reader.byKeys(repairs),
    ledger.fences([...new Set(repairs.map(({ tag }) => tag))]),
  ]);
  const tags = new Map(repairs.map(({ user_id, tag }) => [user_id, tag]));
  const live = rows.filter(
    (row) => row.generation >= liveGeneration(fences.get(tags.get(row.user_id) ?? "")),
  );
  const results = await index.index(live);
  const failed = results.filter((result) => result.status === "failed");
  if (failed[0]) {
    throw new TransientError(
      `search index: ${failed.length} of ${results.length} rows failed: ${failed[0].reason}`,
    );
  }
}
