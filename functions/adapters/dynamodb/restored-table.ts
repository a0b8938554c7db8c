import { type DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { StoresOf } from "../../core/domain/personal-stores.ts";
import type { RequestNotes } from "../../core/ports/request-notes.ts";
import type { FoundPerson, RestoredPeople } from "../../core/ports/restored-people.ts";
import { call, type Item } from "./call.ts";
import { noteOf } from "./conversation-headers.ts";

/** Tables that hold people's ids: the stores, and the index of the bucket's objects by person. */
export type RestoredKind = StoresOf<"tables"> | "user-objects";

/** Attribute with the person's id. Of links both sides are looked at; the side that is Hilo's own id was never fenced. */
const ID_OF: Readonly<Record<RestoredKind, string>> = {
  "conversation-contexts": "user_id",
  "message-ids": "user_id",
  "user-profiles": "user_id",
  conversations: "user_id",
  "conversation-sessions": "user_id",
  identities: "alias",
  quarantine: "user_id",
  "user-objects": "user_id",
};

/** What may be restored: the ledger comes before them, raw ids of erasures never. */
export const RESTORED_KINDS = Object.keys(ID_OF) as readonly RestoredKind[];

export interface RestoredTableDeps {
  readonly client: DynamoDBDocumentClient;
  /** Physical name of the restored table. */
  readonly table: string;
  /** What it is a table of. */
  readonly as: RestoredKind;
}

/** Everybody in a restored table: the one place where a table is scanned, since what a backup holds is not known. */
export const createRestoredTable = ({ client, table, as }: RestoredTableDeps): RestoredPeople => ({
  async *all() {
    for await (const { id, generation } of scan(client, table, {
      "#id": ID_OF[as],
      "#generation": "generation",
    })) {
      const found: FoundPerson = { user_id: String(id) };
      yield typeof generation === "number" ? { ...found, generation } : found;
    }
  },
});

/**
 * Notes of every header in a restored table of conversations, which then need not be named by any row or index. Reads it
 * once.
 */
export function headerNotes(client: DynamoDBDocumentClient, table: string): RequestNotes {
  let notes: Promise<readonly string[]> | undefined;
  const read = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    const names = { "#user_id": "user_id", "#conversation_id": "conversation_id" };
    for await (const header of scan(client, table, names)) found.push(noteOf(header));
    return found;
  };
  return {
    add: async () => undefined,
    all() {
      notes ??= read();
      return notes;
    },
  };
}

/** Keys of all objects that the live index names for anybody. */
export async function* objectKeys(client: DynamoDBDocumentClient, table: string): AsyncGenerator<string> {
  for await (const { object } of scan(client, table, { "#object": "object" })) yield String(object);
}

/** All items page by page, with these attributes under the names of their placeholders. */
async function* scan(
  client: DynamoDBDocumentClient,
  table: string,
  names: Readonly<Record<string, string>>,
): AsyncGenerator<Item> {
  let start: Item | undefined;
  do {
    const command = new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      ProjectionExpression: Object.keys(names).join(", "),
      ExpressionAttributeNames: { ...names },
      ...(start && { ExclusiveStartKey: start }),
    });
    const page = await call("Scan", table, client.send(command));
    for (const item of page.Items ?? [])
      yield Object.fromEntries(
        Object.entries(names).map(([name, attribute]) => [name.slice(1), item[attribute]]),
      );
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
