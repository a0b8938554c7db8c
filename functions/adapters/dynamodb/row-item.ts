import type { JsonObject } from "../../core/domain/json.ts";
import {
  type MessageMetadata,
  type StoredMessage,
  sortKeyOf,
  type ToolCall,
} from "../../core/domain/message.ts";
import { ROW_DAYS } from "../../core/domain/retention.ts";
import { shardOf } from "../../core/domain/shard.ts";
import type { Item } from "./call.ts";
import { expiryAfter } from "./expiry.ts";

/** The index that gives the rows of a UTC day, in the lake's order. */
export const DAY_INDEX = "DayIndex";
/** Length of an ISO time with milliseconds: a sort key begins with one. */
const TIME_LENGTH = "2026-11-20T12:00:00.000Z".length;
/** Metadata with a meaning of its own is a map of plain columns; the rest is JSON text. */
const KNOWN_METADATA: ReadonlySet<string> = new Set(["sentiment", "sentiment_score", "intent", "language"]);

/**
 * The row's attributes. Free JSON is kept as JSON text: DynamoDB's numbers do not hold every double, and
 * nothing queries inside it. Rows live 30 days after the later of event and arrival.
 */
export function rowItem(row: StoredMessage, now: Date): Item {
  const { timestamp, metadata, tool_calls, media, extra, confidence_score, ...columns } = row;
  const sortKey = sortKeyOf(row);
  return {
    ...columns,
    timestamp: sortKey,
    ...(confidence_score !== undefined && { confidence_score: exactNumber(confidence_score) }),
    ...metadataItem(metadata),
    ...(tool_calls && { tool_calls: JSON.stringify(tool_calls) }),
    ...(media && { media: JSON.stringify(media) }),
    ...(extra && { extra: JSON.stringify(extra) }),
    ttl: expiryAfter(ROW_DAYS, timestamp, now.toISOString()),
    message_type_shard: `${row.message_type}#${shardOf(row.user_id)}`,
    day_shard: `${timestamp.slice(0, 10)}#${shardOf(row.user_id)}`,
    day_sort: `${personsDaySort(row.user_id)}${sortKey}`,
  };
}

/** What the sort keys of one person in `DayIndex` begin with, and nobody else's. */
export const personsDaySort = (userId: string): string => `${userId}\u0001`;

/** The attributes `metadata` and, where a producer sent other keys, `metadata_other`. */
export function metadataItem(metadata: MessageMetadata): Item {
  const entries = Object.entries(metadata).filter(([, value]) => value !== undefined);
  const known = entries.filter(([key]) => KNOWN_METADATA.has(key));
  const other = entries.filter(([key]) => !KNOWN_METADATA.has(key));
  return {
    metadata: Object.fromEntries(
      known.map(([key, value]) => [key, typeof value === "number" ? exactNumber(value) : value]),
    ),
    ...(other.length > 0 && { metadata_other: JSON.stringify(Object.fromEntries(other)) }),
  };
}

/** Attributes of a row that are indexes' keys or bookkeeping, and those that need reading back. */
const DERIVED = ["ttl", "message_type_shard", "day_shard", "day_sort", "metadata_other"] as const;

/** The row that `rowItem` wrote. */
export function rowOf(item: Item): StoredMessage {
  const { tool_calls, media, extra, confidence_score, ...columns } = item;
  const plain = Object.fromEntries(
    Object.entries(columns).filter(([key]) => !(DERIVED as readonly string[]).includes(key)),
  ) as unknown as StoredMessage;
  return {
    ...plain,
    timestamp: String(item["timestamp"]).slice(0, TIME_LENGTH),
    metadata: metadataOf(item),
    ...(confidence_score !== undefined && { confidence_score: Number(confidence_score) }),
    ...(typeof tool_calls === "string" && { tool_calls: JSON.parse(tool_calls) as ToolCall[] }),
    ...(typeof media === "string" && { media: JSON.parse(media) as JsonObject }),
    ...(typeof extra === "string" && { extra: JSON.parse(extra) as JsonObject }),
  };
}

/** The metadata that `metadataItem` wrote. */
export function metadataOf(item: Item): MessageMetadata {
  const known = item["metadata"] as MessageMetadata;
  const other = item["metadata_other"];
  return {
    ...(typeof other === "string" && (JSON.parse(other) as JsonObject)),
    ...known,
    ...(known.sentiment_score !== undefined && { sentiment_score: Number(known.sentiment_score) }),
  };
}

/** DynamoDB's numbers end at 1e-130: a smaller one is kept as its text, so that it comes back as it was. */
const exactNumber = (value: number): number | string =>
  value !== 0 && Math.abs(value) < 1e-129 ? String(value) : value;
