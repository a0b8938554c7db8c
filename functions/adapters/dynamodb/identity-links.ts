import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { batchGet } from "./batch-get.ts";
import { groupsOf, isWithin, type PersonTable } from "./person-table.ts";
import { queryPages } from "./query-pages.ts";

/** Links that are removed at a time. */
const GROUP = 100;

/**
 * The links of an alias, both ways: the person's side goes first, because only the alias's side names it. A link that
 * began after the fence belongs to whoever uses the alias now, and stays.
 */
export function identityLinks(
  client: DynamoDBDocumentClient,
  table: string,
  random: () => number,
): PersonTable {
  const dated: PersonTable["dated"] = {
    attribute: "valid_from",
    limitOf: ({ fenced_at }) => fenced_at,
  };
  return {
    table,
    key: ["alias", "linked"],
    dated,

    async *find(alias, limit) {
      const links = queryPages(client, {
        TableName: table,
        KeyConditionExpression: "#alias = :alias",
        ExpressionAttributeNames: { "#alias": "alias" },
        ExpressionAttributeValues: { ":alias": alias },
        ConsistentRead: true,
      });
      for await (const group of groupsOf(links, GROUP)) {
        const going = group.filter((link) => isWithin(link, dated, limit));
        const keys = going.map(({ linked }) => ({ table, key: { alias: linked, linked: alias } }));
        const backwards = (await batchGet(client, keys, { consistent: true, random })).map(
          ({ item }) => item,
        );
        for (const items of [backwards, going]) if (items.length > 0) yield items;
      }
    },
  };
}
