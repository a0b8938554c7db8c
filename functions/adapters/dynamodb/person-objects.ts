import { DeleteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { mapBounded } from "../../core/domain/batches.ts";
import type { PersonObject, PersonObjects } from "../../core/ports/person-objects.ts";
import { isMet } from "./call.ts";
import { queryPages } from "./query-pages.ts";

/** Deletions under way at once. BatchWriteItem takes no condition, and in a transaction one unmet would stop the others. */
const AT_ONCE = 16;

/** Entries of `user-objects`, by person. */
export function createPersonObjects(deps: {
  readonly client: DynamoDBDocumentClient;
  /** `user-objects` */
  readonly table: string;
}): PersonObjects {
  const { client, table } = deps;

  /** @returns whether there was one of this generation or a lower one */
  async function removeEntry({ user_id, key, generation }: PersonObject): Promise<boolean> {
    const command = new DeleteCommand({
      TableName: table,
      Key: { user_id, object: key },
      ConditionExpression: "generation <= :generation",
      ExpressionAttributeValues: { ":generation": generation },
    });
    return isMet("DeleteItem", table, client.send(command));
  }

  return {
    async *list(userId, prefix) {
      for await (const item of queryPages(client, {
        TableName: table,
        // An empty text is no prefix for DynamoDB.
        ...(prefix === ""
          ? { KeyConditionExpression: "user_id = :user", ExpressionAttributeValues: { ":user": userId } }
          : {
              KeyConditionExpression: "user_id = :user AND begins_with(#object, :prefix)",
              ExpressionAttributeNames: { "#object": "object" },
              ExpressionAttributeValues: { ":user": userId, ":prefix": prefix },
            }),
        ConsistentRead: true,
      })) {
        yield { user_id: userId, key: String(item["object"]), generation: Number(item["generation"]) };
      }
    },

    async remove(entries) {
      const removed = await mapBounded(entries, AT_ONCE, removeEntry);
      return removed.filter(Boolean).length;
    },
  };
}
