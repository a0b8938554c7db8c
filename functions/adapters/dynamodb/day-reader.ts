import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { shardOf } from "../../core/domain/shard.ts";
import type { DayReader, RowSummary } from "../../core/ports/day-reader.ts";
import { isExpired } from "./expiry.ts";
import { queryPages } from "./query-pages.ts";
import { DAY_INDEX, personsDaySort } from "./row-item.ts";

/** Reads the index `DayIndex` of the table `conversation-contexts`. */
export function createDayReader(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}): DayReader {
  const { client, table, clock } = deps;

  async function* read(day: string, shard: number, userId?: string): AsyncGenerator<RowSummary> {
    const items = queryPages(client, {
      TableName: table,
      IndexName: DAY_INDEX,
      KeyConditionExpression: `day_shard = :shard${userId === undefined ? "" : " AND begins_with(day_sort, :user)"}`,
      ExpressionAttributeNames: { "#timestamp": "timestamp", "#ttl": "ttl" },
      ExpressionAttributeValues: {
        ":shard": `${day}#${shard}`,
        ...(userId !== undefined && { ":user": personsDaySort(userId) }),
      },
      ProjectionExpression: "user_id, #timestamp, generation, revision, #ttl",
    });
    for await (const item of items) {
      if (isExpired(item, clock())) continue;
      yield {
        user_id: String(item["user_id"]),
        sort_key: String(item["timestamp"]),
        generation: Number(item["generation"]),
        revision: Number(item["revision"]),
      };
    }
  }

  return {
    rows: (day, shard) => read(day, shard),
    rowsOf: (day, userId) => read(day, shardOf(userId), userId),
  };
}
