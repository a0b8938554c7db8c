import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
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
      const command = new PutCommand({ TableName: deps.table, Item: item });
      await call("PutItem", deps.table, deps.client.send(command));
    },

    async remove({ user_id, key }) {
      const command = new DeleteCommand({ TableName: deps.table, Key: { user_id, object: key } });
      await call("DeleteItem", deps.table, deps.client.send(command));
    },
  };
}
