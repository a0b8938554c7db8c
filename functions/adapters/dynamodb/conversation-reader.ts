import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import type { Conversation } from "../../core/domain/conversation.ts";
import { compareShown, type StoredMessage } from "../../core/domain/message.ts";
import type { ConversationReader } from "../../core/ports/conversation-reader.ts";
import { batchGet } from "./batch-get.ts";
import { call } from "./call.ts";
import { isExpired } from "./expiry.ts";
import { queryPages } from "./query-pages.ts";
import { rowOf } from "./row-item.ts";
import { conversationOf } from "./summary-items.ts";

const LIST_INDEX = "user_id-created_at-index";
/** Headers fetched at a time. */
const PAGE = 100;

interface Deps {
  readonly client: DynamoDBDocumentClient;
  readonly tables: { readonly conversations: string; readonly contexts: string };
  readonly clock: Clock;
}

/** Reads the table `conversations` and the rows of its messages. */
export function createConversationReader(deps: Deps): ConversationReader {
  return {
    async list(userId, generation, limit) {
      const found: Conversation[] = [];
      for await (const ids of newestIds(deps, userId, Math.min(limit, PAGE))) {
        found.push(...(await headers(deps, userId, ids, generation)));
        if (found.length >= limit) break;
      }
      return found.slice(0, Math.max(limit, 0));
    },

    async get(userId, conversationId, generation) {
      const { conversations } = deps.tables;
      const command = new GetCommand({
        TableName: conversations,
        Key: { conversation_id: conversationId, user_id: userId },
        ConsistentRead: true,
      });
      const { Item: item } = await call("GetItem", conversations, deps.client.send(command));
      if (item === undefined || isExpired(item, deps.clock())) return undefined;
      const conversation = conversationOf(item);
      if (conversation.generation < generation) return undefined;
      return { conversation, messages: await messagesOf(deps, conversation) };
    },
  };
}

/** Ids of a person's conversations, newest first, in groups of `size`. */
async function* newestIds({ client, tables }: Deps, userId: string, size: number): AsyncGenerator<string[]> {
  let group: string[] = [];
  const items = queryPages(client, {
    TableName: tables.conversations,
    IndexName: LIST_INDEX,
    KeyConditionExpression: "user_id = :user",
    ExpressionAttributeValues: { ":user": userId },
    ScanIndexForward: false,
    Limit: Math.max(size, 1),
  });
  for await (const item of items) {
    group.push(String(item["conversation_id"]));
    if (group.length >= size) {
      yield group;
      group = [];
    }
  }
  if (group.length > 0) yield group;
}

/** By `created_at`, then by id, so that the order is total. */
const newestFirst = (a: Conversation, b: Conversation): number =>
  a.created_at === b.created_at
    ? Number(a.conversation_id < b.conversation_id) * 2 - 1
    : Number(a.created_at < b.created_at) * 2 - 1;

async function headers(
  { client, tables, clock }: Deps,
  userId: string,
  ids: readonly string[],
  generation: number,
): Promise<Conversation[]> {
  const keys = ids.map((id) => ({
    table: tables.conversations,
    key: { conversation_id: id, user_id: userId },
  }));
  const now = clock();
  return (await batchGet(client, keys, { consistent: false }))
    .filter(({ item }) => !isExpired(item, now))
    .map(({ item }) => conversationOf(item))
    .filter((conversation) => conversation.generation >= generation)
    .sort(newestFirst);
}

/**
 * The person's rows between the conversation's first and last message. `SessionIndex` would not do: a
 * conversation may span sessions; and its keys would each need a read of their own.
 */
async function messagesOf(
  { client, tables, clock }: Deps,
  conversation: Conversation,
): Promise<StoredMessage[]> {
  const now = clock();
  const messages: StoredMessage[] = [];
  const items = queryPages(client, {
    TableName: tables.contexts,
    KeyConditionExpression: "user_id = :user AND #timestamp BETWEEN :first AND :last",
    FilterExpression: "conversation_id = :conversation AND generation = :generation AND deleted = :live",
    ExpressionAttributeNames: { "#timestamp": "timestamp" },
    ExpressionAttributeValues: {
      ":user": conversation.user_id,
      ":first": conversation.created_at,
      // `$` follows `#`, so every message of the last millisecond is within.
      ":last": `${conversation.updated_at}$`,
      ":conversation": conversation.conversation_id,
      ":generation": conversation.generation,
      ":live": false,
    },
    ConsistentRead: true,
  });
  for await (const item of items) if (!isExpired(item, now)) messages.push(rowOf(item));
  return messages.sort(compareShown);
}
