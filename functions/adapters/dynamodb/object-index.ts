import { DeleteCommand, type DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import type { ObjectIndex } from "../../core/ports/object-store.ts";
import { call } from "./call.ts";

/** Writes the table `user-objects`. No TTL: the entry goes when its object does. */
export function createObjectIndex(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}): ObjectIndex {
  return {
    async add({ user_id, key, generation }) {
      const item = { user_id, object: key, generation, added_at: deps.clock().toISOString() };
      const command = new PutCommand({ TableName: deps.table, Item: item });
      await call("PutItem", deps.table, deps.client.send(command));
    },

    async remove({ user_id, key }) {
      const command = new DeleteCommand({ TableName: deps.table, Key: { user_id, object: key } });
      await call("DeleteItem", deps.table, deps.client.send(command));
    },
  };
}
