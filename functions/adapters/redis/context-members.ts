import type { StoredMessage } from "../../core/domain/message.ts";
import type { ContextMessage } from "../../core/ports/context-cache.ts";

/** Added to times (ms since 1970), so that scores are positive for every year from 0 to 9999. */
const SCORE_OFFSET = 1e14;
/** `<first_received_at> <position, 6 digits> <message_id> <revision> <json>`: bytes order as messages are shown. */
const CONTENT = /^\S+ \d+ \S+ \d+ (?=\{)/;
const COMPLETE = /^complete(?: (\d+))?$/;

/** Where a message stands in a context: score, then bytes of the member's beginning. */
export const scoreOf = (message: Pick<ContextMessage, "timestamp">): number =>
  Date.parse(message.timestamp) + SCORE_OFFSET;

export const positionOf = (
  message: Pick<ContextMessage, "first_received_at" | "position" | "message_id">,
): string =>
  `${message.first_received_at} ${String(message.position).padStart(6, "0")} ${message.message_id}`;

/** The member that holds a message. */
export const contentOf = (message: ContextMessage): string =>
  `${positionOf(message)} ${message.revision} ${JSON.stringify(message)}`;

/** What the cache keeps of a row or a message. */
export function toContextMessage(from: ContextMessage | StoredMessage): ContextMessage {
  return {
    message_id: from.message_id,
    session_id: from.session_id,
    conversation_id: from.conversation_id,
    timestamp: from.timestamp,
    first_received_at: from.first_received_at,
    position: from.position,
    message_type: from.message_type,
    role: from.role,
    content: from.content,
    metadata: from.metadata,
    revision: from.revision,
    ...(from.reply_to !== undefined && { reply_to: from.reply_to }),
    ...(from.tool_calls !== undefined && { tool_calls: from.tool_calls }),
    ...(from.media !== undefined && { media: from.media }),
    ...(from.ai_model_used !== undefined && { ai_model_used: from.ai_model_used }),
    ...(from.edited_at !== undefined && { edited_at: from.edited_at }),
  };
}

/**
 * The newest `limit` messages among the first members of a context, or `undefined` for a miss: no
 * `complete` mark, one that has run out, or a horizon above the limit (older messages are not held).
 * @param members in falling order, beginning with the first
 * @param now ms since 1970
 */
export function messagesAmong(
  members: readonly string[],
  limit: number,
  now: number,
): ContextMessage[] | undefined {
  const held = heldAmong(members, now, limit);
  return held && (held.messages.length === limit || held.isWhole) ? held.messages : undefined;
}

/**
 * What a context holds that would be served, `undefined` where it is a miss; whole where older messages do not exist.
 * @param members in falling order, beginning with the first
 * @param now ms since 1970
 * @param most messages to read at most
 */
export function heldAmong(
  members: readonly string[],
  now: number,
  most = Number.POSITIVE_INFINITY,
): { readonly messages: ContextMessage[]; readonly isWhole: boolean } | undefined {
  const [mark = "", ...rest] = members;
  const complete = COMPLETE.exec(mark);
  if (!complete || (complete[1] !== undefined && Number(complete[1]) <= now)) return undefined;

  const messages: ContextMessage[] = [];
  for (const member of rest) {
    if (messages.length === most) return { messages, isWhole: false };
    const head = CONTENT.exec(member);
    if (head) messages.push(JSON.parse(member.slice(head[0].length)) as ContextMessage);
    else return { messages, isWhole: /^[#=~]/.test(member) };
  }
  return { messages, isWhole: true };
}
