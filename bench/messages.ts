import { createHash } from "node:crypto";
import { type RoutedMessage, spokenBody } from "../functions/core/domain/message.ts";
import { generateConversations, type QueueEvent } from "../local/demo/conversations.ts";
import { userOf } from "../local/demo/demo-day.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const DAY = "2026-11-20";

/** Generated conversations, in order of time, as the router hands them to the workflow. */
export function chat(options: { seed: number; users: number; count: number }): RoutedMessage[] {
  const events = generateConversations({
    seed: options.seed,
    day: DAY,
    users: options.users,
    messages: options.count,
  });
  return events.map(routed);
}

function routed(event: QueueEvent, position: number): RoutedMessage {
  const user_id = userOf(event);
  const at = event["timestamp"];
  const timestamp =
    typeof at === "string" ? at : new Date(Number(at) * 1_000 + (position % 1_000)).toISOString();
  const message = {
    kind: "message" as const,
    channel: user_id.slice(0, user_id.indexOf(":")),
    bot_id: "oraculo",
    user_id,
    message_id: `m-${position}`,
    session_id: `s-${user_id}`,
    conversation_id: `s-${user_id}`,
    timestamp,
    first_received_at: timestamp,
    position: 0,
    message_type: "text",
    role: event["role"] === "assistant" ? ("assistant" as const) : ("user" as const),
    content: String(event["mensaje"] ?? event["content"]),
    escalation_triggered: false,
    metadata: {},
  };
  return { ...message, tag: hash(user_id), generation: 1, body_hash: hash(spokenBody(message)) };
}
