import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { PermanentError } from "../../core/domain/errors.ts";
import { FIRST_RANGE, type TagRange } from "../../core/domain/tag-range.ts";
import { call, type Item } from "./call.ts";
import type { TransactItem } from "./transact.ts";

/**
 * Key of the one item of `erasure-ledger` that counts fences and says under which keys' tags they are kept:
 * `{tag, sequence, tags_from, tags_to, tags_complete}`. Every fence raises it in its own transaction.
 */
export const FENCE_SEQUENCE = { tag: "fence-sequence" } as const;

/** The item, read strongly. */
export async function readFenceSequenceItem(
  client: DynamoDBDocumentClient,
  table: string,
): Promise<Item | undefined> {
  const command = new GetCommand({ TableName: table, Key: FENCE_SEQUENCE, ConsistentRead: true });
  return (await call("GetItem", table, client.send(command))).Item;
}

/** How many fences there were, read strongly; 0 before the first. */
export async function readFenceSequence(client: DynamoDBDocumentClient, table: string): Promise<number> {
  const item = await readFenceSequenceItem(client, table);
  const sequence: unknown = item === undefined ? 0 : item["sequence"];
  if (typeof sequence !== "number" || !Number.isSafeInteger(sequence)) {
    throw new PermanentError(
      `DynamoDB ${table}: the number of fences is none: restore the ledger before the lake is written`,
    );
  }
  return sequence;
}

/** The range that the item says. */
export const tagRangeOf = (item: Item | undefined): TagRange => ({
  from: Number(item?.["tags_from"] ?? FIRST_RANGE.from),
  to: Number(item?.["tags_to"] ?? FIRST_RANGE.to),
  complete: Number(item?.["tags_complete"] ?? FIRST_RANGE.complete),
});

/** Part of a transaction: nobody was fenced since the number was `sequence`. */
export const fenceSequenceCheck = (table: string, sequence: number): TransactItem => ({
  ConditionCheck: {
    TableName: table,
    Key: FENCE_SEQUENCE,
    ConditionExpression: `${sequence === 0 ? "attribute_not_exists(tag) OR " : ""}#sequence = :sequence`,
    ExpressionAttributeNames: { "#sequence": "sequence" },
    ExpressionAttributeValues: { ":sequence": sequence },
  },
});

/** Part of a fence's transaction: there is one more. @param range under whose tags the fence is written: it must still be so */
export const fenceSequenceRaise = (table: string, range?: TagRange): TransactItem => {
  const condition = range && rangeCondition(range);
  return {
    Update: {
      TableName: table,
      Key: FENCE_SEQUENCE,
      UpdateExpression: "ADD #sequence :one",
      ...(condition && { ConditionExpression: condition.expression }),
      ExpressionAttributeNames: { "#sequence": "sequence" },
      ExpressionAttributeValues: { ":one": 1, ...condition?.values },
    },
  };
};

/** That fences are written under the tags of this range. */
export function rangeCondition({ from, to }: TagRange): {
  readonly expression: string;
  readonly values: Readonly<Record<string, number>>;
} {
  const isFirst = from === FIRST_RANGE.from && to === FIRST_RANGE.to;
  const isSo = "tags_from = :from AND tags_to = :to";
  return {
    expression: isFirst ? `attribute_not_exists(tags_to) OR (${isSo})` : isSo,
    values: { ":from": from, ":to": to },
  };
}

/** That tags of this key are still kept. */
export const storedFromCondition = (
  key: number,
): { readonly expression: string; readonly values: Readonly<Record<string, number>> } => ({
  expression: "attribute_not_exists(tags_from) OR tags_from <= :key",
  values: { ":key": key },
});
