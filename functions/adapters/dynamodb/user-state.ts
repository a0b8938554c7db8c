import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Conversation } from "../../core/domain/conversation.ts";
import type { RoutedMessage, StoredMessage } from "../../core/domain/message.ts";
import { sortKeyOf } from "../../core/domain/message.ts";
import type { MessageRecord } from "../../core/domain/message-record.ts";
import type { Profile } from "../../core/domain/profile.ts";
import type { UserState } from "../../core/domain/user-batch.ts";
import { batchGet, type TableKey } from "./batch-get.ts";
import { recordOf } from "./record-item.ts";
import { rowOf } from "./row-item.ts";
import { conversationOf, profileOf } from "./summary-items.ts";
import type { MessageTables } from "./tables.ts";

interface Deps {
  readonly client: DynamoDBDocumentClient;
  readonly tables: MessageTables;
  readonly random: () => number;
}

/** Events of one person, in order. */
export interface PersonEvents {
  readonly userId: string;
  readonly events: readonly RoutedMessage[];
}

/**
 * Reads, strongly, what batches of several persons' events touch: one round trip for all, and a second one for the rows
 * of known messages that they edit or delete. One state a person, in order.
 * @throws TransientError | PermanentError for all of them, whoever's keys could not be read
 */
export async function readUserStates(deps: Deps, persons: readonly PersonEvents[]): Promise<UserState[]> {
  const firsts = await readItems(deps, persons, persons.map(keysOf(deps.tables)));
  const changes = persons.map(({ events }, person) => changedBy(events, firsts[person] ?? NOTHING));
  const seconds = await readItems(
    deps,
    persons,
    persons.map(({ userId }, person) => [
      ...(changes[person]?.records ?? []).map(({ sort_key }) => ({
        table: deps.tables.contexts,
        key: { user_id: userId, timestamp: sort_key },
      })),
      ...(changes[person]?.unread ?? []).map((id) => conversationKey(deps.tables, userId, id)),
    ]),
  );
  return persons.map((_, person) => {
    const [first, second] = [firsts[person] ?? NOTHING, seconds[person] ?? NOTHING];
    const [profile] = first.profiles;
    return {
      records: new Map(first.records.map((record) => [record.message_id, record])),
      rows: new Map(second.rows.map((row) => [sortKeyOf(row), row])),
      conversations: new Map(
        [...first.conversations, ...second.conversations].map((header) => [header.conversation_id, header]),
      ),
      ...(profile && { profile }),
    };
  });
}

/** What one person's events touch. @throws TransientError | PermanentError */
export const readUserState = async (deps: Deps, person: PersonEvents): Promise<UserState> =>
  (await readUserStates(deps, [person]))[0] as UserState;

const keysOf =
  (tables: MessageTables) =>
  ({ userId: user_id, events }: PersonEvents): TableKey[] => {
    const ids = new Set(events.map(({ message_id }) => message_id));
    return [
      ...[...ids].map((message_id) => ({ table: tables.messageIds, key: { user_id, message_id } })),
      ...[...conversationsOf(events)].map((id) => conversationKey(tables, user_id, id)),
      { table: tables.profiles, key: { user_id } },
    ];
  };

const conversationsOf = (events: PersonEvents["events"]): ReadonlySet<string> =>
  new Set(events.map(({ conversation_id }) => conversation_id));

const conversationKey = (tables: MessageTables, user_id: string, conversation_id: string): TableKey => ({
  table: tables.conversations,
  key: { conversation_id, user_id },
});

/** Known messages that the events edit or delete, and their conversations that were not read yet. */
function changedBy(events: PersonEvents["events"], { records }: ReadItems) {
  const ids = new Set(events.filter(({ kind }) => kind !== "message").map(({ message_id }) => message_id));
  const changed = records.flatMap((record) =>
    ids.has(record.message_id) && record.pending === undefined ? [record] : [],
  );
  const read = conversationsOf(events);
  const unread = new Set(changed.map((record) => record.conversation_id).filter((id) => !read.has(id)));
  return { records: changed, unread: [...unread] };
}

interface ReadItems {
  readonly records: readonly MessageRecord[];
  readonly rows: readonly StoredMessage[];
  readonly conversations: readonly Conversation[];
  readonly profiles: readonly Profile[];
}

const NOTHING: ReadItems = { records: [], rows: [], conversations: [], profiles: [] };

/** The items under each person's keys, in the order of the persons. */
async function readItems(
  { client, tables, random }: Deps,
  persons: readonly PersonEvents[],
  keys: readonly (readonly TableKey[])[],
): Promise<ReadItems[]> {
  const found = await batchGet(client, keys.flat(), { consistent: true, random });
  const byPerson = Map.groupBy(found, ({ item }) => item["user_id"]);
  return persons.map(({ userId }) => {
    const own = byPerson.get(userId) ?? [];
    const itemsOf = (wanted: string) => own.filter(({ table }) => table === wanted).map(({ item }) => item);
    return {
      records: itemsOf(tables.messageIds).map(recordOf),
      rows: itemsOf(tables.contexts).map(rowOf),
      conversations: itemsOf(tables.conversations).map(conversationOf),
      profiles: itemsOf(tables.profiles).map(profileOf),
    };
  });
}
