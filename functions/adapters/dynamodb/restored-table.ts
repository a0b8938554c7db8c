import { type DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { StoresOf } from "../../core/domain/personal-stores.ts";
import type { FoundPerson, RestoredPeople } from "../../core/ports/restored-people.ts";
import { call, type Item } from "./call.ts";

/** Attribute with the person's id. Of links both sides are looked at; the side that is Hilo's own id was never fenced. */
const ID_OF: Readonly<Record<StoresOf<"tables">, string>> = {
  "conversation-contexts": "user_id",
  "message-ids": "user_id",
  "user-profiles": "user_id",
  conversations: "user_id",
  "conversation-sessions": "user_id",
  identities: "alias",
  quarantine: "user_id",
};

export interface RestoredTableDeps {
  readonly client: DynamoDBDocumentClient;
  /** Physical name of the restored table. */
  readonly table: string;
  /** What it is a table of. */
  readonly as: StoresOf<"tables">;
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

/** Persons and ids of all headers of a restored table of conversations: no row or index has to name them. */
export async function* scanHeaders(
  client: DynamoDBDocumentClient,
  table: string,
): AsyncGenerator<readonly [userId: string, conversationId: string]> {
  const names = { "#user": "user_id", "#conversation": "conversation_id" };
  for await (const { user, conversation } of scan(client, table, names))
    yield [String(user), String(conversation)];
}

/** All items page by page, with these attributes under the names of their placeholders. */
export async function* scan(
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
