import { parseEvent, type Rejection } from "../contracts/parse-event.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import { spokenBody } from "../domain/message.ts";
import type { EventEnvelope } from "../ports/event-publisher.ts";

/**
 * Puts an event in its envelope. Group: keyed hash of the canonical user; deduplication id: hash of
 * (kind, user, message, body). A body that will be quarantined is sent all the same, so that nothing is lost.
 * @returns the envelope, and why it will be quarantined if it will be.
 */
export function envelopeEvent(
  body: string,
  now: Date,
  keys: KeyChain,
): { readonly envelope: EventEnvelope; readonly rejection?: Rejection } {
  const event = parseEvent(body, now, keys);
  if (event.ok) {
    const { kind, user_id, message_id } = event.message;
    const deduplicationId = keys.identity("event", kind, user_id, message_id, spokenBody(event.message));
    return { envelope: { body, groupId: keys.identity("group", user_id), deduplicationId } };
  }
  const deduplicationId = keys.identity("event", body);
  // Without a person there is no order to keep: a group of its own holds up nobody.
  const groupId =
    event.rejection.user_id === undefined ? deduplicationId : keys.identity("group", event.rejection.user_id);
  return { envelope: { body, groupId, deduplicationId }, rejection: event.rejection };
}
