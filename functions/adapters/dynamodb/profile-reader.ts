import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import type { ProfileReader } from "../../core/ports/profile-reader.ts";
import { call } from "./call.ts";
import { isExpired } from "./expiry.ts";
import { profileOf } from "./summary-items.ts";

/** Reads the table `user-profiles`. */
export function createProfileReader(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}): ProfileReader {
  return {
    async get(userId, generation) {
      const command = new GetCommand({ TableName: deps.table, Key: { user_id: userId } });
      const { Item: item } = await call("GetItem", deps.table, deps.client.send(command));
      if (item === undefined || isExpired(item, deps.clock())) return undefined;
      const profile = profileOf(item);
      return profile.generation >= generation ? profile : undefined;
    },
  };
}
