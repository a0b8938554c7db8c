import { canonicalJson, type Json, type JsonObject } from "./json.ts";

/** `message` adds one; `edit` replaces the text of one; `delete` leaves it without text. */
export type MessageKind = "message" | "edit" | "delete";
export type Role = "user" | "assistant" | "system";
export type Sentiment = "positive" | "negative" | "neutral" | "mixed";

/** One call of a tool by an assistant. A result over 32 KB is `{ "object": "<S3 key>" , "bytes": n }`. */
export type ToolCall = { tool: string; args: Json; result?: Json | undefined };

/** What analytics fills where the message has none. Other keys a producer sends are kept as they are. */
export type MessageMetadata = {
  sentiment?: Sentiment;
  /** -1 (negative) to 1 (positive) */
  sentiment_score?: number;
  intent?: string;
  /** BCP 47, such as `es` or `es-MX` */
  language?: string;
  [other: string]: Json | undefined;
};

/** The one internal type of a message: every channel's events become it at the edge. */
export interface Message {
  readonly kind: MessageKind;
  readonly channel: string;
  readonly bot_id: string;
  /** `<channel>:<native id>`, at most 256 bytes. Personal data: never in logs, keys or errors. */
  readonly user_id: string;
  /** Hilo's own id, or the client's. For an edit or a deletion: the id of the message it is about. */
  readonly message_id: string;
  readonly session_id: string;
  readonly conversation_id: string;
  /** The platform's id. Personal data: WhatsApp's contains a phone number. */
  readonly platform_message_id?: string;
  readonly reply_to?: string;
  /** When it was written (for an edit or deletion: when that happened). ISO 8601, ms, UTC. */
  readonly timestamp: string;
  /** When Hilo first saw it. ISO 8601, ms, UTC. Travels through dead-letter queue and replay. */
  readonly first_received_at: string;
  /** Position in the payload that brought it, from 0: the last tie-breaker of the order shown. */
  readonly position: number;
  readonly message_type: string;
  readonly role: Role;
  readonly content: string;
  readonly ai_model_used?: string;
  readonly confidence_score?: number;
  readonly processing_time_ms?: number;
  readonly tokens_used?: number;
  readonly escalation_triggered: boolean;
  readonly metadata: MessageMetadata;
  readonly tool_calls?: ToolCall[];
  readonly media?: JsonObject;
  /** Fields Hilo does not know, kept as they came (bounded). */
  readonly extra?: JsonObject;
}

/** A message as it enters the workflow: fenced, generation resolved, hashes computed by the router. */
export interface RoutedMessage extends Message {
  /** Keyed hash of `user_id`: names the person in the ledger and in cache keys. */
  readonly tag: string;
  /** The person's live generation when the router read the ledger; starts at 1. */
  readonly generation: number;
  /** Keyed hash of what was said (`spokenBody`): tells a duplicate from another body under the same id. */
  readonly body_hash: string;
}

/** A message as the base table holds it. `kind` is always `message`; edits and deletions are folded in. */
export interface StoredMessage extends Message {
  readonly generation: number;
  /** Starts at 1, grows with every edit, analytics write-back and deletion. The higher wins everywhere. */
  readonly revision: number;
  /** Deleted on the platform: the row stays, without text. */
  readonly deleted: boolean;
  /** Time of the edit that gave the present text. */
  readonly edited_at?: string;
}

/** Names one row: the sort key is `<timestamp>#<message_id>`. */
export interface RowKey {
  readonly user_id: string;
  readonly sort_key: string;
}

/** Sort key of a message's row. The first timestamp seen wins, so a duplicate may compute another one. */
export const sortKeyOf = (message: Pick<Message, "timestamp" | "message_id">): string =>
  `${message.timestamp}#${message.message_id}`;

type Shown = Pick<Message, "timestamp" | "first_received_at" | "position" | "message_id">;

/** The order people and bots see: (timestamp, first_received_at, position), then id to make it total. */
export function compareShown(a: Shown, b: Shown): number {
  return (
    compareText(a.timestamp, b.timestamp) ||
    compareText(a.first_received_at, b.first_received_at) ||
    a.position - b.position ||
    compareText(a.message_id, b.message_id)
  );
}

/** The newest `limit` live rows, and the deleted ones down to the last of them. */
export function newestFirst(
  live: readonly StoredMessage[],
  deleted: readonly StoredMessage[],
  limit: number,
): StoredMessage[] {
  const shown = live.toSorted((a, b) => compareShown(b, a)).slice(0, limit);
  const last = live.length >= limit ? shown.at(-1) : undefined;
  const among = deleted.filter((row) => last === undefined || compareShown(row, last) > 0);
  return [...shown, ...among].sort((a, b) => compareShown(b, a));
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What was said, as one text to hash: the same message delivered again with another timestamp,
 * session or measurement is a duplicate; another text, type, role, attachment or tool call is not.
 */
export function spokenBody(message: Message): string {
  return canonicalJson([
    message.kind,
    message.message_type,
    message.role,
    message.content,
    (message.tool_calls ?? null) as Json,
    message.media ?? null,
    // Two edits with the same text at different times are two edits.
    message.kind === "message" ? null : message.timestamp,
  ]);
}
