import { randomUUID } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import { backOff } from "./retry.ts";
import { type TransactItem, type TransactResult, transact } from "./transact.ts";

const MAX_TRIES = 8;

/**
 * One transaction that is written exactly once, though answers are lost: conflicts, throttles and unknown outcomes are
 * tried again under the same token.
 * @returns positions of conditions that do not hold; none where it was written
 * @throws TransientError when it stays unknown; PermanentError when it can never be written
 */
export async function transactOnce(
  client: DynamoDBDocumentClient,
  table: string,
  items: readonly TransactItem[],
  random: () => number = Math.random,
): Promise<Extract<TransactResult, { status: "committed" | "unmet" }>> {
  const token = randomUUID();
  let cause = "";
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const result = await transact(client, table, items, token);
    if (result.status === "committed" || result.status === "unmet") return result;
    cause = result.cause;
    if (result.status === "rejected")
      throw new PermanentError(`DynamoDB TransactWriteItems on ${table}: ${cause}`);
    await backOff(attempt, random);
  }
  throw new TransientError(`DynamoDB TransactWriteItems on ${table}: ${cause} after ${MAX_TRIES} tries`);
}
