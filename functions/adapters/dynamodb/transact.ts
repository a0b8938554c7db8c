import { randomUUID } from "node:crypto";
import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import {
  type DynamoDBDocumentClient,
  TransactWriteCommand,
  type TransactWriteCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { causeOf, isTransientCause } from "../aws-errors.ts";
import { call } from "./call.ts";

/** Actions one transaction takes. */
export const MAX_ACTIONS = 100;

export type TransactItem = NonNullable<TransactWriteCommandInput["TransactItems"]>[number];

const REJECTED =
  "rejected: an item is over 400 KB or does not fit its table; shorten the message or deploy the tables again";

/**
 * - `unmet`: conditions that failed, by position.
 * - `busy`: may succeed when tried again; it is unknown whether it was written where the call broke off.
 * - `rejected`: these items can never be written, such as one over 400 KB.
 */
export type TransactResult =
  | { readonly status: "committed" }
  | { readonly status: "unmet"; readonly positions: ReadonlySet<number> }
  | { readonly status: "busy"; readonly cause: string }
  | { readonly status: "rejected"; readonly cause: string };

/**
 * One transaction under a new token, so that the SDK's own repetitions cannot write twice.
 * @param token given again with the same items within ten minutes, nothing is written a second time
 * @throws PermanentError when the table cannot be used: credentials, region, missing, permission
 */
export async function transact(
  client: DynamoDBDocumentClient,
  resource: string,
  items: readonly TransactItem[],
  token: string = randomUUID(),
): Promise<TransactResult> {
  const command = new TransactWriteCommand({ TransactItems: [...items], ClientRequestToken: token });
  try {
    await client.send(command);
    return { status: "committed" };
  } catch (error) {
    if (error instanceof TransactionCanceledException) return canceled(error);
    const cause = causeOf(error);
    if (isTransientCause(cause)) return { status: "busy", cause };
    if (cause === "rejected") return { status: "rejected", cause: REJECTED };
    return call("TransactWriteItems", resource, Promise.reject(error));
  }
}

function canceled(error: TransactionCanceledException): TransactResult {
  const codes = (error.CancellationReasons ?? []).map(({ Code: code = "None" }) => code);
  const positions = new Set(
    codes.flatMap((code, index) => (code === "ConditionalCheckFailed" ? [index] : [])),
  );
  if (positions.size > 0) return { status: "unmet", positions };
  const transient = codes.find((code) => code !== "None" && isTransientCause(causeOf(code)));
  if (transient !== undefined || codes.every((code) => code === "None")) {
    return { status: "busy", cause: transient ? causeOf(transient) : "conflict" };
  }
  return { status: "rejected", cause: REJECTED };
}
