import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { objectGoneAt } from "../../core/domain/object-expiry.ts";
import type { ObjectIndex } from "../../core/ports/object-store.ts";
import { call } from "./call.ts";

/** Writes the table `user-objects`. An entry goes with its object, or some weeks after the bucket's rules removed that. */
export function createObjectIndex(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}): ObjectIndex {
  return {
    async add({ user_id, key, generation }) {
      const now = deps.clock().toISOString();
      const ttl = objectGoneAt(key, now);
      const item = { user_id, object: key, generation, added_at: now, ...(ttl !== undefined && { ttl }) };
      const command = new PutCommand({
        TableName: deps.table,
        Item: item,
        // An erasure of the generation before would otherwise take the later one's object.
        ConditionExpression: "attribute_not_exists(generation) OR generation <= :generation",
        ExpressionAttributeValues: { ":generation": generation },
      });
      try {
        await deps.client.send(command);
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) {
          throw new TransientError(
            `DynamoDB ${deps.table}: the object is a later generation's: ask the ledger again`,
          );
        }
        await call("PutItem", deps.table, Promise.reject(error));
      }
    },
  };
}
