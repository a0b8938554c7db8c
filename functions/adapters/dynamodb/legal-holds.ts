import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { PermanentError } from "../../core/domain/errors.ts";
import { keyNumberOf } from "../../core/domain/key-chain.ts";
import { assertWhole } from "../../core/domain/tag-range.ts";
import type { LegalHold, LegalHolds } from "../../core/ports/legal-holds.ts";
import { batchGet } from "./batch-get.ts";
import type { Item } from "./call.ts";
import { FENCE_SEQUENCE, storedFromCondition, tagRangeOf } from "./fence-sequence.ts";
import { queryPages } from "./query-pages.ts";
import { transactOnce } from "./transact-once.ts";

const INDEX = "OpenIndex";
/** Value of the hash key of `OpenIndex`. */
const HOLD = "hold";
/** What the key of a hold begins with. */
export const HOLD_PREFIX = "hold#";

/** Key of a hold in `erasure-ledger`. */
export const holdKey = (tag: string): { readonly tag: string } => ({ tag: `${HOLD_PREFIX}${tag}` });

/** Legal holds in the table `erasure-ledger`. */
export function createLegalHolds(deps: {
  readonly client: DynamoDBDocumentClient;
  /** `erasure-ledger` */
  readonly table: string;
  readonly random?: () => number;
}): LegalHolds {
  const { client, table, random = Math.random } = deps;
  return {
    async held(tags) {
      const asked = new Set(tags);
      if (asked.size === 0) return new Set();
      // A rotation moves holds to newer tags, and BatchGetItem reads each item for itself: under older tags first, so that
      // what moves meanwhile is met on one side or the other.
      const byKey = [...Map.groupBy(asked, keyNumberOf)].sort(([a], [b]) => a - b);
      const [oldest = [], ...newer] = byKey.map(([, own]) => own.map(holdKey));
      const found: Awaited<ReturnType<typeof batchGet>> = [];
      for (const keys of [[FENCE_SEQUENCE, ...oldest], ...newer]) {
        const entries = keys.map((key) => ({ table, key }));
        found.push(...(await batchGet(client, entries, { consistent: true, random })));
      }
      const isRange = (item: Item): boolean => item["tag"] === FENCE_SEQUENCE.tag;
      assertWhole(asked, tagRangeOf(found.find(({ item }) => isRange(item))?.item));
      return new Set(found.flatMap(({ item }) => (isRange(item) ? [] : [holdOf(item).tag])));
    },

    async set({ tag, set_at, actor, reason }) {
      const item = { ...holdKey(tag), open: HOLD, created_at: set_at, set_at, actor, reason };
      const { expression, values } = storedFromCondition(keyNumberOf(tag));
      const result = await transactOnce(
        client,
        table,
        [
          { Put: { TableName: table, Item: item } },
          {
            ConditionCheck: {
              TableName: table,
              Key: FENCE_SEQUENCE,
              ConditionExpression: expression,
              ExpressionAttributeValues: values,
            },
          },
        ],
        random,
      );
      if (result.status === "committed") return;
      throw new PermanentError(
        `DynamoDB ${table}: holds are no longer kept under this key: set "lookups" in the secret of the hash keys to the newest key; see the runbook rotate-hash-keys`,
      );
    },

    async lift(tag) {
      const result = await transactOnce(
        client,
        table,
        [
          {
            Delete: {
              TableName: table,
              Key: holdKey(tag),
              ConditionExpression: "attribute_exists(tag)",
            },
          },
        ],
        random,
      );
      return result.status === "committed";
    },

    async list() {
      const items = queryPages(client, {
        TableName: table,
        IndexName: INDEX,
        KeyConditionExpression: "#open = :hold",
        ExpressionAttributeNames: { "#open": "open" },
        ExpressionAttributeValues: { ":hold": HOLD },
      });
      const holds: LegalHold[] = [];
      for await (const item of items) holds.push(holdOf(item));
      return holds;
    },
  };
}

const holdOf = (item: Item): LegalHold => ({
  tag: String(item["tag"]).slice(HOLD_PREFIX.length),
  set_at: String(item["set_at"]),
  actor: String(item["actor"]),
  reason: String(item["reason"]),
});
