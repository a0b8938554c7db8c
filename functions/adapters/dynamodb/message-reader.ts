import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { newestFirst, type StoredMessage } from "../../core/domain/message.ts";
import type { MessageReader } from "../../core/ports/message-store.ts";
import { batchGet } from "./batch-get.ts";
import { isExpired } from "./expiry.ts";
import { queryPages } from "./query-pages.ts";
import { rowOf } from "./row-item.ts";

/** Rows asked for beyond the limit: some are deleted, expired, or share the cut's millisecond. */
const OVERREAD = 8;
const MAX_PAGE = 1_000;

/** Reads the table `conversation-contexts`. */
export function createMessageReader(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}): MessageReader {
  const { client, table, clock } = deps;
  return {
    async byKeys(keys) {
      const unique = new Map(keys.map((key) => [JSON.stringify([key.user_id, key.sort_key]), key]));
      const wanted = [...unique.values()].map(({ user_id, sort_key }) => ({
        table,
        key: { user_id, timestamp: sort_key },
      }));
      const found = await batchGet(client, wanted, { consistent: true });
      const now = clock();
      return found.filter(({ item }) => !isExpired(item, now)).map(({ item }) => rowOf(item));
    },

    async recent(userId, generation, limit, deleted = "left-out") {
      if (limit < 1) return [];
      const now = clock();
      const live: StoredMessage[] = [];
      const gone: StoredMessage[] = [];
      const items = queryPages(client, {
        TableName: table,
        KeyConditionExpression: "user_id = :user",
        ExpressionAttributeValues: { ":user": userId },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: Math.min(limit + OVERREAD, MAX_PAGE),
      });
      for await (const item of items) {
        if (isExpired(item, now)) continue;
        const row = rowOf(item);
        if (row.generation < generation) continue;
        // Ties at the cut are read to their end: only then does the order shown decide who is in.
        const cut = live[limit - 1];
        if (cut && row.timestamp < cut.timestamp) break;
        (row.deleted ? gone : live).push(row);
      }
      return newestFirst(live, deleted === "included" ? gone : [], limit);
    },
  };
}
