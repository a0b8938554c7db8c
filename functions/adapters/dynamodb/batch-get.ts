import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { inGroups, mapBounded } from "../../core/domain/batches.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { call, type Item } from "./call.ts";
import { backOff } from "./retry.ts";

/** Keys one BatchGetItem takes. */
const MAX_KEYS = 100;
const MAX_EMPTY_ROUNDS = 6;
const CONCURRENCY = 4;

export interface TableKey {
  readonly table: string;
  readonly key: Item;
}

/** An item and the table it came from. */
interface TableItem {
  readonly table: string;
  readonly item: Item;
}

export interface BatchGetOptions {
  readonly consistent: boolean;
  readonly random?: () => number;
}

/** Items with these keys (each once), of any number and any tables, in no order; absent ones are left out. */
export async function batchGet(
  client: DynamoDBDocumentClient,
  keys: readonly TableKey[],
  options: BatchGetOptions,
): Promise<TableItem[]> {
  const chunks = inGroups(keys, MAX_KEYS);
  return (await mapBounded(chunks, CONCURRENCY, (chunk) => getChunk(client, chunk, options))).flat();
}

/** Repeats what DynamoDB leaves unprocessed; gives up after rounds that brought nothing. */
async function getChunk(
  client: DynamoDBDocumentClient,
  keys: readonly TableKey[],
  { consistent, random = Math.random }: BatchGetOptions,
): Promise<TableItem[]> {
  const tables = [...new Set(keys.map(({ table }) => table))];
  const found: TableItem[] = [];
  let pending = keys;
  for (let emptyRounds = 0; emptyRounds < MAX_EMPTY_ROUNDS; ) {
    const request = Object.fromEntries(
      Object.entries(Object.groupBy(pending, ({ table }) => table)).map(([table, entries = []]) => [
        table,
        { Keys: entries.map(({ key }) => key), ConsistentRead: consistent },
      ]),
    );
    const { Responses = {}, UnprocessedKeys = {} } = await call(
      "BatchGetItem",
      tables.join(", "),
      client.send(new BatchGetCommand({ RequestItems: request })),
    );
    for (const [table, items] of Object.entries(Responses)) {
      for (const item of items) found.push({ table, item });
    }
    const left = Object.entries(UnprocessedKeys).flatMap(([table, { Keys = [] }]) =>
      Keys.map((key) => ({ table, key })),
    );
    if (left.length === 0) return found;
    emptyRounds = left.length < pending.length ? 0 : emptyRounds + 1;
    pending = left;
    await backOff(emptyRounds, random);
  }
  throw new TransientError(
    `DynamoDB BatchGetItem on ${tables.join(", ")}: throttled: ${pending.length} keys stayed unprocessed`,
  );
}
