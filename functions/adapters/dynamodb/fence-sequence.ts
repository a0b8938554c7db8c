import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { PermanentError } from "../../core/domain/errors.ts";
import { call } from "./call.ts";
import type { TransactItem } from "./transact.ts";

/** Key of the one item of `erasure-ledger` that counts fences: `{tag, sequence}`. Every fence raises it in its own transaction. */
const FENCE_SEQUENCE = { tag: "fence-sequence" } as const;

/** How many fences there were, read strongly; 0 before the first. */
export async function readFenceSequence(client: DynamoDBDocumentClient, table: string): Promise<number> {
  const command = new GetCommand({ TableName: table, Key: FENCE_SEQUENCE, ConsistentRead: true });
  const { Item: item } = await call("GetItem", table, client.send(command));
  const sequence: unknown = item === undefined ? 0 : item["sequence"];
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence)) {
    throw new PermanentError(
      `DynamoDB ${table}: the number of fences is none: restore the ledger before the lake is written`,
    );
  }
  return sequence;
}

/** Part of a transaction: nobody was fenced since the number was `sequence`. */
export const fenceSequenceCheck = (table: string, sequence: number): TransactItem => ({
  ConditionCheck: {
    TableName: table,
    Key: FENCE_SEQUENCE,
    ...(sequence === 0
      ? { ConditionExpression: "attribute_not_exists(tag)" }
      : {
          ConditionExpression: "#sequence = :sequence",
          ExpressionAttributeNames: { "#sequence": "sequence" },
          ExpressionAttributeValues: { ":sequence": sequence },
        }),
  },
});

/** Part of a fence's transaction: there is one more. */
export const fenceSequenceRaise = (table: string): TransactItem => ({
  Update: {
    TableName: table,
    Key: FENCE_SEQUENCE,
    UpdateExpression: "ADD #sequence :one",
    ExpressionAttributeNames: { "#sequence": "sequence" },
    ExpressionAttributeValues: { ":one": 1 },
  },
});
