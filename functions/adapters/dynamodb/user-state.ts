import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Conversation } from "../../core/domain/conversation.ts";
import type { RoutedMessage, StoredMessage } from "../../core/domain/message.ts";
import { sortKeyOf } from "../../core/domain/message.ts";
import type { MessageRecord } from "../../core/domain/message-record.ts";
import type { Profile } from "../../core/domain/profile.ts";
import type { UserState } from "../../core/domain/user-batch.ts";
import { batchGet } from "./batch-get.ts";
import { recordOf } from "./record-item.ts";
import { rowOf } from "./row-item.ts";
import { conversationOf, profileOf } from "./summary-items.ts";
import type { MessageTables } from "./tables.ts";

interface Deps {
  readonly client: DynamoDBDocumentClient;
  readonly tables: MessageTables;
  readonly random: () => number;
}

/**
 * Reads, strongly, what a batch of one person's events touches: one round trip, and a second one for the
 * rows of known messages that the batch edits or deletes.
 */
export async function readUserState(
  deps: Deps,
  userId: string,
  events: readonly RoutedMessage[],
): Promise<UserState> {
  const ids = new Set(events.map((event) => event.message_id));
  const conversationIds = new Set(events.map((event) => event.conversation_id));
  const first = await readItems(deps, [
    ...[...ids].map((id) => recordKey(deps, userId, id)),
    ...[...conversationIds].map((id) => conversationKey(deps, userId, id)),
    { table: deps.tables.profiles, key: { user_id: userId } },
  ]);

  const changedIds = new Set(
    events.filter(({ kind }) => kind !== "message").map((event) => event.message_id),
  );
  const changed = first.records.flatMap((record) =>
    changedIds.has(record.message_id) && record.pending === undefined ? [record] : [],
  );
  const unread = new Set(
    changed.map((record) => record.conversation_id).filter((id) => !conversationIds.has(id)),
  );
  const second = await readItems(deps, [
    ...changed.map(({ sort_key }) => ({
      table: deps.tables.contexts,
      key: { user_id: userId, timestamp: sort_key },
    })),
    ...[...unread].map((id) => conversationKey(deps, userId, id)),
  ]);

  const [profile] = first.profiles;
  return {
    records: new Map(first.records.map((record) => [record.message_id, record])),
    rows: new Map(second.rows.map((row) => [sortKeyOf(row), row])),
    conversations: new Map(
      [...first.conversations, ...second.conversations].map((header) => [header.conversation_id, header]),
    ),
    ...(profile && { profile }),
  };
}

const recordKey = ({ tables }: Deps, user_id: string, message_id: string) => ({
  table: tables.messageIds,
  key: { user_id, message_id },
});

const conversationKey = ({ tables }: Deps, user_id: string, conversation_id: string) => ({
  table: tables.conversations,
  key: { conversation_id, user_id },
});

interface ReadItems {
  readonly records: MessageRecord[];
  readonly rows: StoredMessage[];
  readonly conversations: Conversation[];
  readonly profiles: Profile[];
}

async function readItems(
  { client, tables, random }: Deps,
  keys: Parameters<typeof batchGet>[1],
): Promise<ReadItems> {
  const found = await batchGet(client, keys, { consistent: true, random });
  const itemsOf = (wanted: string) => found.filter(({ table }) => table === wanted).map(({ item }) => item);
  return {
    records: itemsOf(tables.messageIds).map(recordOf),
    rows: itemsOf(tables.contexts).map(rowOf),
    conversations: itemsOf(tables.conversations).map(conversationOf),
    profiles: itemsOf(tables.profiles).map(profileOf),
  };
}
