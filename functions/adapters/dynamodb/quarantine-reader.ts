import { DeleteCommand, type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { SHARDS } from "../../core/domain/shard.ts";
import type { QuarantineEntry } from "../../core/ports/quarantine.ts";
import type { QuarantineReader, QuarantineSummary } from "../../core/ports/quarantine-reader.ts";
import { call, type Item } from "./call.ts";
import { isExpired } from "./expiry.ts";
import { mergeDescending } from "./merge-descending.ts";
import { receivedKey, receivedShard } from "./quarantine.ts";
import { queryPages } from "./query-pages.ts";

const INDEX = "ReceivedIndex";

/** Reads the table `quarantine`: by day through its index, by person through its key. */
export function createQuarantineReader(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
}): QuarantineReader {
  const { client, table, clock } = deps;

  const inShard = (shard: string): AsyncGenerator<Item> =>
    queryPages(client, {
      TableName: table,
      IndexName: INDEX,
      KeyConditionExpression: "received_shard = :shard",
      ExpressionAttributeValues: { ":shard": shard },
      ScanIndexForward: false,
    });

  return {
    async *ofDay(day) {
      const shards = Array.from({ length: SHARDS }, (_, shard) => inShard(`${day}#${shard}`));
      for await (const item of mergeDescending(shards, (one) => String(one["received"])))
        yield summaryOf(item);
    },

    async *ofUser(userId) {
      const items = queryPages(client, {
        TableName: table,
        KeyConditionExpression: "user_id = :user",
        ExpressionAttributeValues: { ":user": userId },
        ProjectionExpression: "user_id, received, code, field, #ttl",
        ExpressionAttributeNames: { "#ttl": "ttl" },
        ScanIndexForward: false,
        ConsistentRead: true,
      });
      const now = clock();
      for await (const item of items) if (!isExpired(item, now)) yield summaryOf(item);
    },

    async get(place) {
      const places = queryPages(client, {
        TableName: table,
        IndexName: INDEX,
        KeyConditionExpression: "received_shard = :shard AND received = :received",
        ExpressionAttributeValues: { ":shard": receivedShard(place), ":received": receivedKey(place) },
      });
      for await (const { user_id, received } of places) {
        const command = new GetCommand({
          TableName: table,
          Key: { user_id, received },
          ConsistentRead: true,
        });
        const { Item: item } = await call("GetItem", table, client.send(command));
        if (item && !isExpired(item, clock())) return entryOf(item);
      }
      return undefined;
    },

    async remove(entry) {
      const key = { user_id: entry.user_id, received: receivedKey(entry) };
      await call("DeleteItem", table, client.send(new DeleteCommand({ TableName: table, Key: key })));
    },
  };
}

function summaryOf({ user_id, received, code, field }: Item): QuarantineSummary {
  const [first_received_at = "", source_id = ""] = String(received).split("#");
  return { first_received_at, source_id, user_id: String(user_id), code: String(code), field: String(field) };
}

/** The entry that `createQuarantine` wrote. */
function entryOf(item: Item): QuarantineEntry {
  const { received: _r, received_shard: _s, ttl: _t, body_text, body_object, body_bytes, ...entry } = item;
  const body =
    typeof body_object === "string"
      ? { object: body_object, bytes: Number(body_bytes) }
      : { text: String(body_text) };
  return { ...(entry as unknown as Omit<QuarantineEntry, "body">), body };
}
