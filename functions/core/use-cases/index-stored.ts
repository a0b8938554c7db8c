import type { StateOutput, StoredInput } from "../contracts/pipeline.ts";
import { type RowKey, type StoredMessage, sortKeyOf } from "../domain/message.ts";
import type { IndexOutcome } from "../domain/outcome.ts";
import type { MessageIndex } from "../ports/message-index.ts";
import type { MessageReader } from "../ports/message-store.ts";

export interface IndexStoredDeps {
  readonly reader: MessageReader;
  readonly index: MessageIndex;
}

/** `IndexToOpenSearch`: indexes the stored rows, not the queue's payload; a duplicate's row too, so that it heals. */
export async function indexStored(
  input: StoredInput,
  { reader, index }: IndexStoredDeps,
): Promise<StateOutput<IndexOutcome>> {
  const wanted = rowsOf(input);
  const rows = await reader.byKeys(wanted.map(({ key }) => key));
  const results = await index.index(rows);
  const byRow = new Map(rows.map((row, position) => [textOf(keyOf(row)), results[position]]));
  const byItem = new Map(wanted.map(({ item, key }) => [item, byRow.get(textOf(key))]));
  return {
    outcomes: input.messages.map((_, item) => ({ item, ...(byItem.get(item) ?? { status: "skipped" }) })),
  };
}

/** The rows a batch's outcomes point to. */
export const rowsOf = ({ messages, stored }: StoredInput): { item: number; key: RowKey }[] =>
  stored.flatMap(({ item, status, sort_key }) => {
    const message = messages[item];
    return message && sort_key !== undefined && status !== "conflict"
      ? [{ item, key: { user_id: message.user_id, sort_key } }]
      : [];
  });

/** Key of a stored row. */
export const keyOf = (row: StoredMessage): RowKey => ({ user_id: row.user_id, sort_key: sortKeyOf(row) });

/** One text for a row's key: a sort key begins with a time of fixed length, so it cannot be mistaken. */
export const textOf = ({ user_id, sort_key }: RowKey): string => `${sort_key} ${user_id}`;
