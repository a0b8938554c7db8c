import { type DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { TAG_PATTERN } from "../../core/domain/key-chain.ts";
import type { LedgerTags, TaggedEntry, TagRotation } from "../../core/ports/ledger-tags.ts";
import { call, type Item } from "./call.ts";
import { FENCE_SEQUENCE, rangeCondition, readFenceSequenceItem, tagRangeOf } from "./fence-sequence.ts";
import { HOLD_PREFIX, holdKey } from "./legal-holds.ts";
import type { TransactItem } from "./transact.ts";
import { transactOnce } from "./transact-once.ts";

/** Key of the item of `erasure-ledger` that says where a walk through it is. */
const WALK = { tag: "tag-walk" } as const;

/** Fences and holds of the table `erasure-ledger`, by the tags they are kept under. */
export function createLedgerTags(deps: {
  readonly client: DynamoDBDocumentClient;
  /** `erasure-ledger` */
  readonly table: string;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Items of a page. @default what fits 1 MB */
  readonly pageItems?: number;
}): LedgerTags {
  const { client, table, clock, random = Math.random, pageItems } = deps;

  async function read(key: Item): Promise<Item | undefined> {
    const command = new GetCommand({ TableName: table, Key: key, ConsistentRead: true });
    return (await call("GetItem", table, client.send(command))).Item;
  }

  const write = (items: readonly TransactItem[]) => transactOnce(client, table, items, random);

  /** Where this fence or a newer one is there already, nothing changes. */
  async function copy(fence: Item, to: string): Promise<void> {
    await write([
      {
        Put: {
          TableName: table,
          Item: { ...fence, tag: to },
          ConditionExpression: "attribute_not_exists(tag) OR generation < :generation",
          ExpressionAttributeValues: { ":generation": fence["generation"] },
        },
      },
    ]);
  }

  return {
    async rotation() {
      return rotationOf(await readFenceSequenceItem(client, table));
    },

    async move(from, { from: first, to, copied, complete, removed }) {
      const { expression, values } = rangeCondition(from);
      const isFirst = from.moved_at === undefined;
      const result = await write([
        {
          Update: {
            TableName: table,
            Key: FENCE_SEQUENCE,
            UpdateExpression:
              "SET tags_from = :first, tags_to = :last, tags_copied = :copied, tags_complete = :complete, tags_removed = :removed, tags_moved_at = :now ADD #sequence :none",
            ConditionExpression: `(${expression}) AND ${isFirst ? "attribute_not_exists(tags_moved_at)" : "tags_moved_at = :moved"}`,
            ExpressionAttributeNames: { "#sequence": "sequence" },
            ExpressionAttributeValues: {
              ...values,
              ...(!isFirst && { ":moved": from.moved_at }),
              ":first": first,
              ":last": to,
              ":copied": copied,
              ":complete": complete,
              ":removed": removed,
              ":now": clock().toISOString(),
              ":none": 0,
            },
          },
        },
      ]);
      return result.status === "committed";
    },

    async stoppedAt(walk) {
      const item = await read(WALK);
      return item?.["walk"] === walk && typeof item["page"] === "string" ? item["page"] : undefined;
    },

    async stopAt(walk, page) {
      const item = { ...WALK, walk, ...(page !== undefined && { page }) };
      await call("PutItem", table, client.send(new PutCommand({ TableName: table, Item: item })));
    },

    async page(start) {
      const command = new ScanCommand({
        TableName: table,
        ProjectionExpression: "tag",
        ConsistentRead: true,
        ...(pageItems !== undefined && { Limit: pageItems }),
        ...(start !== undefined && { ExclusiveStartKey: { tag: start } }),
      });
      const { Items: items = [], LastEvaluatedKey: last } = await call("Scan", table, client.send(command));
      return {
        entries: items.flatMap((item) => entryOf(String(item["tag"])) ?? []),
        ...(last && { next: String(last["tag"]) }),
      };
    },

    async copyFence(tag, to) {
      const fence = await read({ tag });
      if (fence) await copy(fence, to);
    },

    async replaceFence(tag, by) {
      const fence = await read({ tag });
      if (fence === undefined) return;
      await copy(fence, by);
      await write([
        { Delete: { TableName: table, Key: { tag } } },
        {
          ConditionCheck: {
            TableName: table,
            Key: { tag: by },
            ConditionExpression: "generation >= :generation",
            ExpressionAttributeValues: { ":generation": fence["generation"] },
          },
        },
      ]);
    },

    async moveHold(tag, to) {
      const hold = await read(holdKey(tag));
      if (hold === undefined) return;
      const gone: TransactItem = {
        Delete: { TableName: table, Key: holdKey(tag), ConditionExpression: "attribute_exists(tag)" },
      };
      const put = { TableName: table, Item: { ...hold, ...holdKey(to) } };
      const result = await write([
        gone,
        { Put: { ...put, ConditionExpression: "attribute_not_exists(tag)" } },
      ]);
      // Lifted meanwhile, or set again under the other tag: that one stays.
      if (result.status === "unmet" && !result.positions.has(0)) await write([gone]);
    },
  };
}

const rotationOf = (item: Item | undefined): TagRotation => ({
  ...tagRangeOf(item),
  copied: Number(item?.["tags_copied"] ?? 1),
  removed: Number(item?.["tags_removed"] ?? 1),
  ...(item?.["tags_moved_at"] !== undefined && { moved_at: String(item["tags_moved_at"]) }),
});

function entryOf(key: string): TaggedEntry | undefined {
  if (TAG_PATTERN.test(key)) return { kind: "fence", tag: key };
  const tag = key.startsWith(HOLD_PREFIX) ? key.slice(HOLD_PREFIX.length) : "";
  return TAG_PATTERN.test(tag) ? { kind: "hold", tag } : undefined;
}
