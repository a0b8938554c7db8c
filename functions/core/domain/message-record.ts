import type { JsonObject } from "./json.ts";
import type { Message, MessageMetadata, RoutedMessage, ToolCall } from "./message.ts";

/** What an edit or a deletion does to its message. An edit carries the message whole, as it now reads. */
export interface Change {
  readonly kind: "edit" | "delete";
  /** When it happened on the platform. ISO 8601, ms, UTC. */
  readonly edited_at: string;
  readonly edit_hash: string;
  readonly content: string;
  readonly metadata: MessageMetadata;
  readonly tool_calls?: ToolCall[];
  readonly media?: JsonObject;
  readonly extra?: JsonObject;
}

interface RecordBase {
  readonly user_id: string;
  readonly message_id: string;
  readonly generation: number;
  readonly deleted: boolean;
  readonly first_received_at: string;
}

/** What an edit or a deletion need not say of its message, and never changes. */
export type Origin = Pick<
  Message,
  "channel" | "bot_id" | "session_id" | "role" | "message_type" | "position" | "escalation_triggered"
>;

/** A message that was stored: where its row is, and what tells a duplicate. Outlives the row. */
export interface KnownRecord extends RecordBase {
  readonly sort_key: string;
  readonly conversation_id: string;
  /** For when its row has expired. Absent where an earlier version stored it. */
  readonly origin?: Origin;
  readonly body_hash: string;
  /** Revision of the row when it was stored, edited or deleted last; analyses have raised the row's since. */
  readonly revision: number;
  /** Time and hash of the edit that gave the present text. */
  readonly edited_at?: string;
  readonly edit_hash?: string;
  readonly pending?: never;
}

/** A message that has not come yet, though an edit or a deletion of it has. */
export interface AwaitedRecord extends RecordBase {
  readonly revision: 0;
  readonly pending: Change;
}

/** What is remembered of a message by its id. */
export type MessageRecord = KnownRecord | AwaitedRecord;

/** What is kept of a message beyond its row. */
export const originOf = (message: Message): Origin => ({
  channel: message.channel,
  bot_id: message.bot_id,
  session_id: message.session_id,
  role: message.role,
  message_type: message.message_type,
  position: message.position,
  escalation_triggered: message.escalation_triggered,
});

/** The change that an edit or a deletion makes; a deletion's carries no text, whatever the event holds. */
export function changeOf(event: RoutedMessage): Change {
  const base = { edited_at: event.timestamp, edit_hash: event.body_hash };
  if (event.kind === "delete") return { ...base, kind: "delete", content: "", metadata: {} };
  return {
    ...base,
    kind: "edit",
    content: event.content,
    metadata: event.metadata,
    ...(event.tool_calls && { tool_calls: event.tool_calls }),
    ...(event.media && { media: event.media }),
    ...(event.extra && { extra: event.extra }),
  };
}
