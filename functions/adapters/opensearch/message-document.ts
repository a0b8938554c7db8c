import { createHash } from "node:crypto";
import type { StoredMessage } from "../../core/domain/message.ts";
import { documentId, documentVersion } from "../../core/domain/search-document.ts";
import { shardOf } from "../../core/domain/shard.ts";
import { indexOf } from "./index-template.ts";

const MAX_INTEGER = 2 ** 31 - 1;

/**
 * How a document's version meets the one that is there: the higher wins (`external`), or the equal one too
 * (`external_gte`), so that a repair brings a document to this version's mapping.
 */
export type VersionRule = "external" | "external_gte";

/** The bulk action of a row. */
export const actionOf = (row: StoredMessage, rule: VersionRule) => ({
  index: {
    _index: indexOf(row.timestamp),
    _id: documentId(row.user_id, row.message_id),
    routing: routingOf(row.user_id),
    version: documentVersion(row),
    version_type: rule,
  },
});

/** One person's documents share a shard. A hash, because routing values are logged and shown. */
const routingOf = (userId: string): string => createHash("sha256").update(`routing\0${userId}`).digest("hex");

/** The document of a row. A deleted one keeps its place and revision without text or analysis. */
export function documentOf(row: StoredMessage): Record<string, unknown> {
  const identity = {
    user_id: row.user_id,
    message_id: row.message_id,
    session_id: row.session_id,
    conversation_id: row.conversation_id,
    timestamp: row.timestamp,
    first_received_at: row.first_received_at,
    message_type: row.message_type,
    role: row.role,
    channel: row.channel,
    bot_id: row.bot_id,
    revision: row.revision,
    generation: row.generation,
    deleted: row.deleted,
    shard: shardOf(row.user_id),
  };
  if (row.deleted) return identity;
  const { sentiment, sentiment_score, intent, language } = row.metadata;
  return {
    ...identity,
    content: row.content,
    sentiment,
    sentiment_score,
    intent,
    language,
    ai_model: row.ai_model_used,
    confidence_score: row.confidence_score,
    processing_time:
      row.processing_time_ms === undefined ? undefined : Math.min(row.processing_time_ms, MAX_INTEGER),
    tokens_used: row.tokens_used,
    escalation_triggered: row.escalation_triggered,
    edited_at: row.edited_at,
  };
}
