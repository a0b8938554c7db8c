import { GetCommand, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { RecentContext } from "../../../functions/core/use-cases/read-context.ts";
import type { Pipeline, Row } from "../../support/pipeline.ts";

/** What the stores hold of one person, read past the product's code; contexts as its callers get them. */
export interface Holdings {
  readonly rows: readonly Row[];
  readonly ids: readonly Row[];
  readonly documents: readonly Row[];
  readonly quarantined: readonly Row[];
  readonly profile: Row | undefined;
  /** By session. */
  readonly headers: ReadonlyMap<string, Row | undefined>;
  /** Two readings one after the other: the first may be a miss, which fills the cache. None while stores are away. */
  readonly contexts: readonly RecentContext[];
}

/** Reads everything of a person; `sessions` are the conversations whose headers are wanted. */
export async function readHoldings(
  pipeline: Pipeline,
  userId: string,
  sessions: readonly string[],
  withContexts: boolean,
): Promise<Holdings> {
  const { documents: client, outputs } = pipeline.stage;
  const itemsOf = async (table: string): Promise<Row[]> => {
    const items: Row[] = [];
    const query = {
      TableName: outputs.tables[table],
      KeyConditionExpression: "user_id = :user",
      ExpressionAttributeValues: { ":user": userId },
      ConsistentRead: true,
    };
    for await (const page of paginateQuery({ client }, query)) items.push(...((page.Items ?? []) as Row[]));
    return items;
  };
  const itemOf = async (table: string, key: Record<string, string>): Promise<Row | undefined> => {
    const get = new GetCommand({ TableName: outputs.tables[table], Key: key, ConsistentRead: true });
    return (await client.send(get)).Item;
  };
  const headers = sessions.map(
    async (session) =>
      [session, await itemOf("conversations", { conversation_id: session, user_id: userId })] as const,
  );
  const [rows, ids, documents, quarantined, profile] = await Promise.all([
    itemsOf("conversation-contexts"),
    itemsOf("message-ids"),
    pipeline.documentsOf(userId),
    itemsOf("quarantine"),
    itemOf("user-profiles", { user_id: userId }),
  ]);
  const contexts: RecentContext[] = [];
  if (withContexts)
    for (let reading = 0; reading < 2; reading++) contexts.push(await pipeline.contextOf(userId, 50));
  return {
    rows,
    ids,
    documents,
    quarantined,
    profile,
    headers: new Map(await Promise.all(headers)),
    contexts,
  };
}
