import { TransientError } from "../domain/errors.ts";
import type { RowKey } from "../domain/message.ts";
import type { MessageIndex } from "../ports/message-index.ts";
import type { MessageReader } from "../ports/message-store.ts";

export interface RepairIndexDeps {
  readonly reader: MessageReader;
  readonly index: MessageIndex;
}

/**
 * Mends the search index: re-reads the rows and indexes them at their revision. A row that is gone needs nothing.
 * @throws TransientError when any row could not be indexed
 */
export async function repairIndex(
  keys: readonly RowKey[],
  { reader, index }: RepairIndexDeps,
): Promise<void> {
  const results = await index.index(await reader.byKeys(keys));
  const failed = results.filter((result) => result.status === "failed");
  if (failed[0]) {
    throw new TransientError(
      `search index: ${failed.length} of ${results.length} rows failed: ${failed[0].reason}`,
    );
  }
}
