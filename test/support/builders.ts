import { createHash } from "node:crypto";
import type { Clock } from "../../functions/core/domain/clock.ts";
import {
  type Message,
  type RoutedMessage,
  type StoredMessage,
  spokenBody,
} from "../../functions/core/domain/message.ts";

/** The moment tests happen at, unless they say another. */
export const NOW = "2026-11-20T12:00:00.000Z";

/** A clock that stands still. */
export const fixedClock =
  (iso: string = NOW): Clock =>
  () =>
    new Date(iso);

/** The moment `milliseconds` after `from`, ISO 8601, ms, UTC. */
export const later = (milliseconds: number, from: string = NOW): string =>
  new Date(Date.parse(from) + milliseconds).toISOString();

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** Stands for the keyed hash of a user id: 64 hex digits. */
export const tagOf = (userId: string): string => sha256(`tag\0${userId}`);

/** Stands for the keyed hash of what was said. */
const bodyHashOf = (message: Message): string => sha256(spokenBody(message));

/** A user's text message; conversation and session follow the user unless given. */
function aMessage(over: Partial<Message> = {}): Message {
  const user_id = over.user_id ?? "whatsapp:+34600000001";
  const session_id = over.session_id ?? `s-${sha256(user_id).slice(0, 8)}`;
  return {
    kind: "message",
    channel: "whatsapp",
    bot_id: "oraculo",
    user_id,
    message_id: "m-1",
    session_id,
    conversation_id: session_id,
    timestamp: NOW,
    first_received_at: over.timestamp ?? NOW,
    position: 0,
    message_type: "text",
    role: "user",
    content: "¿Cuándo abre la oficina de la calle Mayor?",
    escalation_triggered: false,
    metadata: {},
    ...over,
  };
}

/** A message as the router hands it on: tagged, hashed, in generation 1. */
export function aRoutedMessage(over: Partial<RoutedMessage> = {}): RoutedMessage {
  const { tag, generation, body_hash, ...rest } = over;
  const message = aMessage(rest);
  return {
    ...message,
    tag: tag ?? tagOf(message.user_id),
    generation: generation ?? 1,
    body_hash: body_hash ?? bodyHashOf(message),
  };
}

/** An edit of `of`, a second later unless `over` says otherwise. */
export const anEditOf = (of: RoutedMessage, over: Partial<RoutedMessage> = {}): RoutedMessage =>
  aboutMessage(of, { kind: "edit", content: "Perdón: la de la calle Menor.", ...over });

/** A deletion of `of`, a second later unless `over` says otherwise. */
export const aDeletionOf = (of: RoutedMessage, over: Partial<RoutedMessage> = {}): RoutedMessage =>
  aboutMessage(of, { kind: "delete", content: "", ...over });

function aboutMessage(of: RoutedMessage, over: Partial<RoutedMessage>): RoutedMessage {
  const timestamp = over.timestamp ?? later(1000, of.timestamp);
  const { body_hash: _, ...rest } = of;
  return aRoutedMessage({ ...rest, timestamp, first_received_at: timestamp, ...over });
}

/** A row of generation 1 at revision 1. */
export const aStoredMessage = (over: Partial<StoredMessage> = {}): StoredMessage => ({
  ...aMessage(over),
  kind: "message",
  generation: 1,
  revision: 1,
  deleted: false,
  ...over,
});
