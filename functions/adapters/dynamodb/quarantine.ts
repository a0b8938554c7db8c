import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { EntryPlace } from "../../core/contracts/quarantine-id.ts";
import type { Clock } from "../../core/domain/clock.ts";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import { shardOf } from "../../core/domain/shard.ts";
import type { Quarantine, QuarantineEntry } from "../../core/ports/quarantine.ts";
import type { Item } from "./call.ts";
import { expiryAfter } from "./expiry.ts";
import { ledgerCheck } from "./ledger-check.ts";
import { backOff } from "./retry.ts";
import { type TransactItem, transact } from "./transact.ts";

const QUARANTINE_DAYS = 90;
const MAX_TRIES = 3;

/** Writes the table `quarantine`; an entry of a known person only while the ledger says what it said. */
export function createQuarantine(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly ledgerTable: string;
  readonly clock: Clock;
  readonly random?: () => number;
}): Quarantine {
  const { client, table, ledgerTable, clock, random = Math.random } = deps;
  return {
    async put(entry) {
      const items: TransactItem[] = [
        {
          Put: {
            TableName: table,
            Item: entryItem(entry, clock()),
            ConditionExpression: "attribute_not_exists(user_id)",
          },
        },
      ];
      const { tag, generation } = entry;
      if (tag !== undefined && generation !== undefined) {
        items.push(ledgerCheck(ledgerTable, tag, generation));
      }
      let cause = "";
      for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
        const result = await transact(client, table, items);
        if (result.status === "committed") return "kept";
        if (result.status === "unmet") return result.positions.has(1) ? "stale-generation" : "kept";
        cause = result.cause;
        if (result.status === "rejected") {
          throw new PermanentError(`DynamoDB TransactWriteItems on ${table}: ${cause}`);
        }
        await backOff(attempt, random);
      }
      throw new TransientError(`DynamoDB TransactWriteItems on ${table}: ${cause} after ${MAX_TRIES} tries`);
    },
  };
}

/** Sort key of an entry. */
export const receivedKey = ({ first_received_at, source_id }: EntryPlace): string =>
  `${first_received_at}#${source_id}`;

/** Hash key of an entry in `ReceivedIndex`. */
export const receivedShard = ({ first_received_at, source_id }: EntryPlace): string =>
  `${first_received_at.slice(0, 10)}#${shardOf(source_id)}`;

function entryItem({ body, ...entry }: QuarantineEntry, now: Date): Item {
  return {
    ...entry,
    received: receivedKey(entry),
    received_shard: receivedShard(entry),
    ...("text" in body ? { body_text: body.text } : { body_object: body.object, body_bytes: body.bytes }),
    ttl: expiryAfter(QUARANTINE_DAYS, now.toISOString()),
  };
}
