import type { Change, MessageRecord } from "../../core/domain/message-record.ts";
import type { Item } from "./call.ts";
import { expiryAfter } from "./expiry.ts";

/** Longer than the 400 days an event may lie behind: past it a duplicate is refused by its time. */
const RECORD_DAYS = 400;

/** The item of `message-ids`. What waits for its message is JSON text; `edit_hash` tells one wait from another. */
export function recordItem(record: MessageRecord, now: Date): Item {
  const { pending, ...columns } = record;
  return {
    ...columns,
    ...(pending && { pending: JSON.stringify(pending), edit_hash: pending.edit_hash }),
    ttl: expiryAfter(RECORD_DAYS, record.first_received_at, now.toISOString()),
  };
}

/** The record that `recordItem` wrote. */
export function recordOf(item: Item): MessageRecord {
  const { ttl: _, pending, ...columns } = item;
  if (typeof pending !== "string") return columns as unknown as MessageRecord;
  const { edit_hash: _hash, ...waiting } = columns;
  return { ...waiting, pending: JSON.parse(pending) as Change } as unknown as MessageRecord;
}
