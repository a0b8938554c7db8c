import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { ErasureTarget } from "../../core/domain/erasure.ts";
import type { Item } from "./call.ts";
import { queryPages } from "./query-pages.ts";

/** Items that are removed between two looks at the clock and at the legal holds. */
const GROUP = 500;

/** How the items of a table that are about a person are found, and which of them belong to an erased past. */
export interface PersonTable {
  readonly table: string;
  /** Attributes of the primary key, hash first. */
  readonly key: readonly string[];
  /** Tells an erased past from a later generation; an item without it belongs to the first. */
  readonly dated: { readonly attribute: string; limitOf(target: ErasureTarget): string | number };
  /**
   * Whole items, read strongly: those up to the limit, or all. In groups: what lies in a later one may be needed to find
   * what lies in an earlier one, so they are removed in this order.
   */
  find(userId: string, limit?: string | number): AsyncIterable<readonly Item[]>;
  /** Keeps what finds items again once they are deleted. */
  note?(items: readonly Item[]): Promise<void>;
}

/** Most tables: what a writer wrote carries the person's generation. */
export const BY_GENERATION: PersonTable["dated"] = {
  attribute: "generation",
  limitOf: ({ generation }) => generation,
};

/** A table whose hash key is `user_id`. */
export function partitionTable(
  client: DynamoDBDocumentClient,
  table: string,
  key: readonly string[],
): PersonTable {
  return {
    table,
    key,
    dated: BY_GENERATION,
    find: (userId, limit) =>
      groupsOf(
        queryPages(client, {
          TableName: table,
          KeyConditionExpression: "user_id = :user",
          ...(limit !== undefined && {
            FilterExpression: "attribute_not_exists(generation) OR generation <= :limit",
          }),
          ExpressionAttributeValues: { ":user": userId, ...(limit !== undefined && { ":limit": limit }) },
          ConsistentRead: true,
        }),
        GROUP,
      ),
  };
}

/** True when the item belongs to what goes. */
export const isWithin = (
  item: Item,
  { attribute }: PersonTable["dated"],
  limit: string | number | undefined,
): boolean => {
  const held = item[attribute] as string | number | undefined;
  return held === undefined || limit === undefined || held <= limit;
};

export async function* groupsOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
