import type { BatchStatementResponse } from "@aws-sdk/client-dynamodb";
import { BatchExecuteStatementCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { inGroups, mapBounded } from "../../core/domain/batches.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { causeOf, isTransientCause } from "../aws-errors.ts";
import { call, type Item } from "./call.ts";
import { backOff } from "./retry.ts";

/** Statements one BatchExecuteStatement takes. */
const MAX_STATEMENTS = 25;
const CONCURRENCY = 4;
/** Rounds that may bring nothing in a row: 3 to 4 seconds of waiting, then the caller tries later. */
const MAX_EMPTY_ROUNDS = 10;

/** Which items of a table a deletion may remove. */
export interface DeletionRule {
  readonly table: string;
  /** Attributes of the primary key. */
  readonly key: readonly string[];
  /** An item goes when this attribute is absent, or at most `limit`, at the moment it is deleted. */
  readonly attribute: string;
  readonly limit: string | number;
}

/**
 * Deletes items, each only while the rule holds for it, by statements of 25 a call: a transaction takes twice the write
 * units, and single calls 25 times the requests (ADR 0105).
 * @param items with their keys and, where they have it, the rule's attribute
 * @returns those that are gone; one that was replaced meanwhile stays
 * @throws TransientError | PermanentError: some may be gone then
 */
export async function deleteItems(
  client: DynamoDBDocumentClient,
  rule: DeletionRule,
  items: readonly Item[],
  random: () => number,
): Promise<Item[]> {
  const parts = inGroups(items, MAX_STATEMENTS);
  return (await mapBounded(parts, CONCURRENCY, (part) => deletePart(client, rule, part, random))).flat();
}

async function deletePart(
  client: DynamoDBDocumentClient,
  rule: DeletionRule,
  part: readonly Item[],
  random: () => number,
): Promise<Item[]> {
  const gone: Item[] = [];
  let open = part;
  for (let emptyRounds = 0; emptyRounds < MAX_EMPTY_ROUNDS; ) {
    const answers = await execute(client, rule, open);
    const left: Item[] = [];
    for (const [position, item] of open.entries()) {
      const fate = await fateOf(rule.table, answers?.[position]);
      if (fate === "gone") gone.push(item);
      if (fate === "again") left.push(item);
    }
    if (left.length === 0) return gone;
    emptyRounds = left.length < open.length ? 0 : emptyRounds + 1;
    open = left;
    await backOff(emptyRounds, random);
  }
  throw new TransientError(
    `DynamoDB BatchExecuteStatement on ${rule.table}: throttled or in conflict: ${open.length} items were not deleted; it is resumed, and if it goes on, look at the table's limits`,
  );
}

/** One answer a statement; `undefined` where the whole call may succeed when made again. */
async function execute(
  client: DynamoDBDocumentClient,
  { table, key, attribute, limit }: DeletionRule,
  items: readonly Item[],
): Promise<readonly BatchStatementResponse[] | undefined> {
  const keys = key.map((name) => `"${name}"=?`).join(" AND ");
  const command = new BatchExecuteStatementCommand({
    Statements: items.map((item) => {
      const isDated = item[attribute] !== undefined;
      return {
        Statement: `DELETE FROM "${table}" WHERE ${keys} AND "${attribute}" ${isDated ? "<= ?" : "IS MISSING"}`,
        Parameters: [...key.map((name) => item[name]), ...(isDated ? [limit] : [])],
      };
    }),
  });
  try {
    return (await client.send(command)).Responses ?? [];
  } catch (error) {
    const cause = causeOf(error);
    if (cause === "throttled" || cause === "conflict") return undefined;
    return call("BatchExecuteStatement", table, Promise.reject(error));
  }
}

async function fateOf(
  table: string,
  answer: BatchStatementResponse | undefined,
): Promise<"gone" | "stays" | "again"> {
  if (answer === undefined) return "again";
  const code = answer.Error?.Code;
  if (code === undefined) return "gone";
  if (code === "ConditionalCheckFailed") return "stays";
  if (isTransientCause(causeOf(code))) return "again";
  return call("BatchExecuteStatement", table, Promise.reject({ name: code }));
}
