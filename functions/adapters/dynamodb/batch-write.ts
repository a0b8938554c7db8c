import { BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { inGroups, mapBounded } from "../../core/domain/batches.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { call, type Item } from "./call.ts";
import { backOff } from "./retry.ts";

/** Puts and deletes one BatchWriteItem takes. */
const MAX_WRITES = 25;
const MAX_EMPTY_ROUNDS = 6;
const CONCURRENCY = 4;

/** A put or a delete; without a condition, so only for what is the same however often it is done. */
export type BatchWrite = { readonly put: Item } | { readonly remove: Item };

/**
 * Writes any number of items, each once; what DynamoDB leaves unprocessed is written again.
 * @throws TransientError when it goes on leaving some: what was written stays
 */
export async function batchWrite(
  client: DynamoDBDocumentClient,
  table: string,
  writes: readonly BatchWrite[],
  random: () => number = Math.random,
): Promise<void> {
  const chunks = inGroups(writes, MAX_WRITES);
  await mapBounded(chunks, CONCURRENCY, (chunk) => writeChunk(client, table, chunk, random));
}

async function writeChunk(
  client: DynamoDBDocumentClient,
  table: string,
  writes: readonly BatchWrite[],
  random: () => number,
): Promise<void> {
  let pending = writes.map((write) =>
    "put" in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: write.remove } },
  );
  for (let emptyRounds = 0; emptyRounds < MAX_EMPTY_ROUNDS; ) {
    const command = new BatchWriteCommand({ RequestItems: { [table]: pending } });
    const { UnprocessedItems: { [table]: left = [] } = {} } = await call(
      "BatchWriteItem",
      table,
      client.send(command),
    );
    if (left.length === 0) return;
    emptyRounds = left.length < pending.length ? 0 : emptyRounds + 1;
    pending = left as typeof pending;
    await backOff(emptyRounds, random);
  }
  throw new TransientError(
    `DynamoDB BatchWriteItem on ${table}: throttled: ${pending.length} items stayed unprocessed`,
  );
}
