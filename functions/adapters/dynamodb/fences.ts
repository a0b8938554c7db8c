import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { type Clock, systemClock } from "../../core/domain/clock.ts";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import type { Fence } from "../../core/domain/fence.ts";
import { assertComplete, storedTags } from "../../core/domain/tag-range.ts";
import type { FenceEntry, FenceHistory, Fences, SetFence } from "../../core/ports/fences.ts";
import { batchGet } from "./batch-get.ts";
import type { Item } from "./call.ts";
import { fenceOf } from "./fence-item.ts";
import { FENCE_SEQUENCE, fenceSequenceRaise, tagRangeOf } from "./fence-sequence.ts";
import { backOff } from "./retry.ts";
import { type TransactItem, transact } from "./transact.ts";

/** All fences raise one number, so they meet each other. */
const MAX_TRIES = 12;

/** Attribute that keeps what a request set, for when it asks again. */
const setBy = (requestId: string): string => `by/${requestId}`;

/** Writes the table `erasure-ledger`. */
export function createFences(deps: {
  readonly client: DynamoDBDocumentClient;
  /** `erasure-ledger` */
  readonly table: string;
  readonly clock?: Clock;
  readonly random?: () => number;
}): Fences & FenceHistory {
  const { client, table, clock = systemClock, random = Math.random } = deps;

  async function read(tags: readonly string[]) {
    const keys = [FENCE_SEQUENCE, ...tags.map((tag) => ({ tag }))].map((key) => ({ table, key }));
    const found = await batchGet(client, keys, { consistent: true, random });
    const items = new Map(found.map(({ item }) => [String(item["tag"]), item]));
    return { items, range: tagRangeOf(items.get(FENCE_SEQUENCE.tag)) };
  }

  return {
    async last(tags) {
      const asked = [...new Set(tags)];
      const { items, range } = await read(asked);
      assertComplete(asked, range);
      return new Map(
        asked.flatMap((tag): [string, SetFence][] => {
          const item = items.get(tag);
          return item ? [[tag, { ...fenceOf(item, table), requestId: String(item["request_id"]) }]] : [];
        }),
      );
    },

    async fence({ tag, tags = [tag], requestId, at }) {
      let cause = "conflict";
      for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
        const { items, range } = await read(tags);
        const stored = storedTags(tags, range);
        const held = stored.map((one) => ({ tag: one, item: items.get(one) }));
        const before = held.flatMap(({ item }) => (item ? [{ item, fence: fenceOf(item, table) }] : []));
        const own = before.find(({ item }) => item[setBy(requestId)] !== undefined);
        if (own) return fenceOf(own.item[setBy(requestId)] as Item, table);

        const next: Fence = {
          generation: Math.max(0, ...before.map(({ fence }) => fence.generation)) + 1,
          fenced_at: [at, clock().toISOString(), ...before.map(({ fence }) => fence.fenced_at)].reduce(
            (a, b) => (a > b ? a : b),
          ),
        };
        const result = await transact(client, table, [
          fenceSequenceRaise(table, range),
          ...held.map(({ tag: one, item }) => fenceUpdate(table, one, item, next, requestId)),
        ]);
        if (result.status === "committed") return next;
        if (result.status === "rejected") {
          throw new PermanentError(`DynamoDB TransactWriteItems on ${table}: ${result.cause}`);
        }
        // Somebody else fenced or the keys' range moved, or it is unknown whether this was written: read again.
        cause = result.status === "busy" ? result.cause : "conflict";
        await backOff(attempt, random);
      }
      throw new TransientError(`DynamoDB TransactWriteItems on ${table}: ${cause} after ${MAX_TRIES} tries`);
    },
  };
}

function fenceUpdate(
  table: string,
  tag: string,
  before: Item | undefined,
  next: Fence,
  requestId: FenceEntry["requestId"],
): TransactItem {
  return {
    Update: {
      TableName: table,
      Key: { tag },
      UpdateExpression: "SET generation = :generation, fenced_at = :at, request_id = :request, #by = :fence",
      ConditionExpression: before ? "generation = :before" : "attribute_not_exists(tag)",
      ExpressionAttributeNames: { "#by": setBy(requestId) },
      ExpressionAttributeValues: {
        ":generation": next.generation,
        ":at": next.fenced_at,
        ":request": requestId,
        ":fence": next,
        ...(before && { ":before": before["generation"] }),
      },
    },
  };
}
