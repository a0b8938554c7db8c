import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandInput } from "@aws-sdk/lib-dynamodb";
import { call, type Item } from "./call.ts";

/** Items of a query, page after page to the end; stop iterating and no further page is read. */
export async function* queryPages(
  client: DynamoDBDocumentClient,
  input: QueryCommandInput & { readonly TableName: string },
): AsyncGenerator<Item> {
  let start: Item | undefined;
  do {
    const command = new QueryCommand({ ...input, ...(start && { ExclusiveStartKey: start }) });
    const page = await call("Query", input.TableName, client.send(command));
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
}
