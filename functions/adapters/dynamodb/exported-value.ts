import type { Item } from "./call.ts";

/** Keys of indexes, expiry and numbers of versions: they say nothing about a person. */
const BOOKKEEPING = new Set([
  "created_date_shard",
  "day_shard",
  "day_sort",
  "message_type_shard",
  "received_shard",
  "ttl",
  "version",
]);
/** Kept as JSON text (see `row-item.ts` and `record-item.ts`). */
const JSON_TEXTS = new Set(["extra", "media", "metadata_other", "pending", "tool_calls"]);

/** An item as its person is shown it. */
export const exportedValue = (item: Item): Item =>
  Object.fromEntries(
    Object.entries(item)
      .filter(([name]) => !BOOKKEEPING.has(name))
      .map(([name, value]) => [name, JSON_TEXTS.has(name) ? parsed(value) : value]),
  );

/** Whatever is no JSON is shown as it is: an export leaves nothing out. */
function parsed(value: unknown): unknown {
  try {
    return typeof value === "string" ? JSON.parse(value) : value;
  } catch {
    return value;
  }
}
