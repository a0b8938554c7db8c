import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { TrainingPreferences } from "../../core/ports/training-preferences.ts";
import { batchGet } from "./batch-get.ts";
import type { Item } from "./call.ts";

/** Reads the wishes in the table `user-profiles`, strongly: one just made counts. */
export function createTrainingPreferences(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}): TrainingPreferences {
  const { client, table } = deps;
  return {
    async optedOut(userIds) {
      const keys = userIds.map((user_id) => ({ table, key: { user_id } }));
      const profiles = await batchGet(client, keys, { consistent: true });
      return new Set(
        profiles.filter(({ item }) => declines(item)).map(({ item }) => String(item["user_id"])),
      );
    },
  };
}

const declines = ({ preferences }: Item): boolean =>
  typeof preferences === "object" &&
  preferences !== null &&
  "training" in preferences &&
  preferences.training === false;
