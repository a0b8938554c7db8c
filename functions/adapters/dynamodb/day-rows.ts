import { type DynamoDBDocumentClient, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { LakeRow } from "../../core/domain/lake-row.ts";
import { lakeRowOf } from "../../core/domain/lake-row-of.ts";
import type { RowKey } from "../../core/domain/message.ts";
import type { LakeRowSource, LakeRowTable } from "../../core/ports/lake-row-source.ts";
import { batchGet } from "./batch-get.ts";
import { call, type Item } from "./call.ts";
import { DAY_INDEX, rowOf } from "./row-item.ts";

/** Rows of one page: sixteen shards hold two each, so this times 32 is what an export keeps in memory. */
const PAGE_ROWS = 250;
const PAGE_KEYS = 1_000;

interface DayRowsDeps {
  readonly client: DynamoDBDocumentClient;
  /** `conversation-contexts` */
  readonly table: string;
}

/** All that the index `DayIndex` has of a day, for the lake: deleted rows and expired ones too. */
export const createDayRowSource = (deps: DayRowsDeps): LakeRowSource => ({
  streams: (day, shards) => shards.map((shard) => rowPages(deps, day, shard)),
});

/** The same index by its keys, and the table's rows by theirs. */
export const createDayRowTable = (deps: DayRowsDeps): LakeRowTable => ({
  async *keys(day, shard) {
    for await (const items of itemPages(deps, `${day}#${shard}`, PAGE_KEYS, "user_id, #timestamp")) {
      yield items.map(
        (item): RowKey => ({ user_id: String(item["user_id"]), sort_key: String(item["timestamp"]) }),
      );
    }
  },

  async byKeys(keys) {
    const wanted = keys.map(({ user_id, sort_key }) => ({
      table: deps.table,
      key: { user_id, timestamp: sort_key },
    }));
    const found = await batchGet(deps.client, wanted, { consistent: true });
    return found.map(({ item }) => rowOf(item));
  },
});

async function* rowPages(deps: DayRowsDeps, day: string, shard: number): AsyncGenerator<LakeRow[]> {
  for await (const items of itemPages(deps, `${day}#${shard}`, PAGE_ROWS)) {
    yield items.map((item) => lakeRowOf(rowOf(item)));
  }
}

/** Pages of one partition of the index to its end; the next is asked for when it is needed. */
async function* itemPages(
  { client, table }: DayRowsDeps,
  partition: string,
  limit: number,
  projection?: string,
): AsyncGenerator<Item[]> {
  let start: Item | undefined;
  do {
    const command = new QueryCommand({
      TableName: table,
      IndexName: DAY_INDEX,
      KeyConditionExpression: "day_shard = :partition",
      ExpressionAttributeValues: { ":partition": partition },
      Limit: limit,
      ...(projection && {
        ProjectionExpression: projection,
        ExpressionAttributeNames: { "#timestamp": "timestamp" },
      }),
      ...(start && { ExclusiveStartKey: start }),
    });
    const page = await call("Query", table, client.send(command));
    yield page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
