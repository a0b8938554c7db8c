import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { inGroups } from "../../core/domain/batches.ts";
import { namedNote } from "../../core/domain/named-note.ts";
import type { RequestNotes } from "../../core/ports/request-notes.ts";
import { batchGet } from "./batch-get.ts";
import type { Item } from "./call.ts";
import { BY_GENERATION, isWithin, type PersonTable } from "./person-table.ts";
import { queryPages } from "./query-pages.ts";

const LIST_INDEX = "user_id-created_at-index";
/** Headers read and removed at a time: what one BatchGetItem takes. */
const GROUP = 100;
const HEADER_NOTE = namedNote("header");

export interface ConversationHeadersDeps {
  readonly client: DynamoDBDocumentClient;
  readonly tables: Readonly<Record<"conversations" | "conversation-contexts" | "message-ids", string>>;
  readonly notes?: RequestNotes;
  readonly random: () => number;
}

/**
 * Headers of conversations. Their table is keyed by conversation, so a person's are found by every name there is: in
 * the rows (30 days), in `message-ids` (400 days), in the index (all, a moment late), and in the notes of the request,
 * which every header is put on before it is deleted. Whatever names one, it is read strongly under its own key.
 */
export async function openConversationHeaders(deps: ConversationHeadersDeps): Promise<PersonTable> {
  const { client, tables, notes, random } = deps;
  const noted = Map.groupBy(HEADER_NOTE.read((await notes?.all()) ?? []), ([userId]) => userId);
  const table = tables.conversations;
  return {
    table,
    key: ["conversation_id", "user_id"],
    dated: BY_GENERATION,

    async *find(user_id, limit) {
      const ids = new Set(noted.get(user_id)?.map(([, conversationId]) => conversationId));
      await Promise.all(
        [
          namesIn(client, user_id, { TableName: tables["conversation-contexts"], ConsistentRead: true }),
          namesIn(client, user_id, { TableName: tables["message-ids"], ConsistentRead: true }),
          namesIn(client, user_id, { TableName: table, IndexName: LIST_INDEX }),
        ].map(async (names) => {
          for await (const { conversation_id: id } of names) if (typeof id === "string") ids.add(id);
        }),
      );
      const wanted = [...ids].sort();
      for (const some of inGroups(wanted, GROUP)) {
        const keys = some.map((conversation_id) => ({ table, key: { conversation_id, user_id } }));
        const headers = (await batchGet(client, keys, { consistent: true, random }))
          .map(({ item }) => item)
          .filter((item) => isWithin(item, BY_GENERATION, limit));
        if (headers.length > 0) yield headers;
      }
    },

    async note(headers) {
      await notes?.add(headers.map(noteOf));
    },
  };
}

/** Items of a person that name conversations. */
const namesIn = (
  client: DynamoDBDocumentClient,
  userId: string,
  source: { readonly TableName: string; readonly IndexName?: string; readonly ConsistentRead?: boolean },
): AsyncGenerator<Item> =>
  queryPages(client, {
    ...source,
    KeyConditionExpression: "user_id = :user",
    ExpressionAttributeValues: { ":user": userId },
    ProjectionExpression: "conversation_id",
  });

/** Note of a header, by which it is found when nothing else names it. */
export const noteOf = ({ user_id, conversation_id }: Item): string =>
  HEADER_NOTE.write(String(user_id), String(conversation_id));
