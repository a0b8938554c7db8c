import type { Conversation } from "../domain/conversation.ts";
import type { StoredMessage } from "../domain/message.ts";

/** Reads conversations of a person. Headers of generations before `generation` do not exist. */
export interface ConversationReader {
  /** Headers, newest first by `created_at`, `limit` at most; a header just created may lack for a moment. */
  list(userId: string, generation: number, limit: number): Promise<Conversation[]>;

  /** One conversation with its live messages (30 days), oldest first in the order shown. */
  get(
    userId: string,
    conversationId: string,
    generation: number,
  ): Promise<{ readonly conversation: Conversation; readonly messages: StoredMessage[] } | undefined>;
}
