import { DAY_MS } from "./day.ts";
import { PermanentError } from "./errors.ts";
import type { LakeRow, LakeValue } from "./lake-row.ts";
import { MESSAGES } from "./lake-schema.ts";
import type { MessageMetadata, StoredMessage } from "./message.ts";

/** Fields of a stored message that a column of the same name holds, or that become other columns. */
const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...MESSAGES.columns.map(({ name }) => name),
  "kind",
  "metadata",
]);

/**
 * A stored message as a row of the lake; nothing of it is lost.
 * @throws PermanentError naming the field that the lake has no column for or cannot hold exactly
 */
export function lakeRowOf(row: StoredMessage): LakeRow {
  for (const field of Object.keys(row))
    if (!KNOWN_FIELDS.has(field)) throw fault(field, "has no column in the lake's schema");
  const { sentiment, sentiment_score, intent, language, ...other } = row.metadata;
  const timestamp = milliseconds("timestamp", row.timestamp);
  return {
    user_id: row.user_id,
    timestamp,
    message_id: row.message_id,
    session_id: row.session_id,
    conversation_id: row.conversation_id,
    channel: row.channel,
    bot_id: row.bot_id,
    utc_day: Math.floor(timestamp / DAY_MS),
    message_type: row.message_type,
    role: row.role,
    content: row.content,
    platform_message_id: row.platform_message_id ?? null,
    reply_to: row.reply_to ?? null,
    first_received_at: milliseconds("first_received_at", row.first_received_at),
    position: integer("position", row.position),
    ai_model_used: row.ai_model_used ?? null,
    confidence_score: row.confidence_score ?? null,
    processing_time_ms: optional("processing_time_ms", row.processing_time_ms, integer),
    tokens_used: optional("tokens_used", row.tokens_used, integer),
    escalation_triggered: row.escalation_triggered,
    sentiment: sentiment ?? null,
    sentiment_score: sentiment_score ?? null,
    intent: intent ?? null,
    language: language ?? null,
    metadata_other: otherMetadata(other),
    tool_calls: json(row.tool_calls),
    media: json(row.media),
    extra: json(row.extra),
    edited_at: optional("edited_at", row.edited_at, milliseconds),
    deleted: row.deleted,
    revision: integer("revision", row.revision),
    generation: integer("generation", row.generation),
  };
}

const fault = (field: string, detail: string): PermanentError =>
  new PermanentError(`A stored message cannot become a row of the lake: ${field} ${detail}`);

function optional<In, Out extends LakeValue>(
  field: string,
  value: In | undefined,
  convert: (field: string, value: In) => Out,
): Out | null {
  return value === undefined ? null : convert(field, value);
}

/** ms since 1970 of an ISO time as Hilo writes it: the text can be had back from the number. */
function milliseconds(field: string, iso: string): number {
  const time = Date.parse(iso);
  if (Number.isNaN(time) || new Date(time).toISOString() !== iso)
    throw fault(field, "is no time in ISO 8601, ms, UTC");
  return time;
}

function integer(field: string, value: number): bigint {
  if (!Number.isSafeInteger(value)) throw fault(field, "is no integer that a number holds exactly");
  return BigInt(value);
}

const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** Keys a producer sent beyond the four that have columns; none is null, as in the table. */
function otherMetadata(other: MessageMetadata): string | null {
  const text = JSON.stringify(other);
  return text === "{}" ? null : text;
}
