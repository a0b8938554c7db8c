import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { TransientError } from "../../core/domain/errors.ts";
import type { Identities, IdentityLink } from "../../core/ports/identities.ts";
import type { Item } from "./call.ts";
import { queryPages } from "./query-pages.ts";
import type { TransactItem } from "./transact.ts";
import { transactOnce } from "./transact-once.ts";

/** Links in the table `identities`: (alias, person) and (person, alias), with the interval in both. */
export function createIdentities(deps: {
  readonly client: DynamoDBDocumentClient;
  /** `identities` */
  readonly table: string;
  readonly random?: () => number;
}): Identities {
  const { client, table, random = Math.random } = deps;

  async function linked(id: string): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of queryPages(client, {
      TableName: table,
      KeyConditionExpression: "alias = :id",
      ExpressionAttributeValues: { ":id": id },
      ConsistentRead: true,
    })) {
      items.push(item);
    }
    return items;
  }

  return {
    async ofAlias(alias) {
      return (await linked(alias)).map((item) => linkOf(item, alias, String(item["linked"])));
    },

    async ofPerson(personId) {
      return (await linked(personId)).map((item) => linkOf(item, String(item["linked"]), personId));
    },

    async link(link) {
      const { alias, person_id } = link;
      const result = await transactOnce(
        client,
        table,
        [linkUpdate(table, alias, person_id, link), linkUpdate(table, person_id, alias, link)],
        random,
      );
      if (result.status === "unmet") throw new TransientError(`DynamoDB ${table}: a link was not written`);
    },
  };
}

const linkOf = (item: Item, alias: string, person_id: string): IdentityLink => ({
  alias,
  person_id,
  valid_from: String(item["valid_from"]),
  ...(item["valid_to"] !== undefined && { valid_to: String(item["valid_to"]) }),
});

const linkUpdate = (
  table: string,
  alias: string,
  linked: string,
  { valid_from, valid_to }: IdentityLink,
): TransactItem => ({
  Update: {
    TableName: table,
    Key: { alias, linked },
    UpdateExpression: `SET valid_from = if_not_exists(valid_from, :from)${valid_to === undefined ? " REMOVE valid_to" : ", valid_to = :to"}`,
    ExpressionAttributeValues: { ":from": valid_from, ...(valid_to !== undefined && { ":to": valid_to }) },
  },
});
