import { BatchGetCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { expect, it } from "vitest";
import { createLegalHolds, holdKey } from "../../../functions/adapters/dynamodb/legal-holds.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { NOW } from "../../support/builders.ts";

const TABLE = "erasure-ledger";
const keys = new KeyChain({ k1: "1".repeat(64), k2: "2".repeat(64), lookups: "k2" });
const [old = "", now = ""] = keys.tags("web:ana");

/**
 * A ledger whose BatchGetItem reads one item at a time and leaves the others unprocessed, as DynamoDB may; the rotation
 * moves the hold to its new tag, in one transaction, after so many items were read.
 */
function ledgerThatMoves(after: number, order: "first" | "last"): DynamoDBDocumentClient {
  const hold = { set_at: NOW, actor: "arn:counsel", reason: "case 7" };
  const items = new Map<string, object>([
    ["fence-sequence", { tag: "fence-sequence", tags_from: 2, tags_to: 2, tags_complete: 2 }],
    [holdKey(old).tag, { ...holdKey(old), ...hold }],
  ]);
  let read = 0;
  const send = async (command: unknown) => {
    if (!(command instanceof BatchGetCommand)) throw new Error("reads only");
    const { Keys: asked = [] } = command.input.RequestItems?.[TABLE] ?? {};
    const one = order === "first" ? asked[0] : asked.at(-1);
    if (read++ === after) {
      items.delete(holdKey(old).tag);
      items.set(holdKey(now).tag, { ...holdKey(now), ...hold });
    }
    const found = items.get(String(one?.["tag"]));
    const left = asked.filter((key) => key !== one);
    return {
      Responses: { [TABLE]: found ? [found] : [] },
      UnprocessedKeys: left.length > 0 ? { [TABLE]: { Keys: left } } : {},
    };
  };
  return { send } as unknown as DynamoDBDocumentClient;
}

const MOMENTS = (["first", "last"] as const).flatMap((order) =>
  [0, 1, 2, 3].flatMap((after) =>
    [
      [old, now],
      [now, old],
    ].map((tags) => ({ order, after, tags, which: tags[0] === old ? "old first" : "new first" })),
  ),
);

it.each(MOMENTS)(
  "a hold that is moved after $after items were read ($order, $which) is found",
  async ({ order, after, tags }) => {
    const holds = createLegalHolds({
      client: ledgerThatMoves(after, order),
      table: TABLE,
      random: () => 0,
    });
    expect((await holds.held(tags)).size).toBeGreaterThan(0);
  },
);
