import { compareShown } from "../../../functions/core/domain/message.ts";
import type { ConversationReader } from "../../../functions/core/ports/conversation-reader.ts";
import type { ProfileReader } from "../../../functions/core/ports/profile-reader.ts";
import type { FakeTables } from "./fake-tables.ts";

/** Reads the profiles of `tables`. */
export const createFakeProfileReader = (tables: FakeTables): ProfileReader => ({
  async get(userId, generation) {
    const profile = tables.profileOf(userId);
    return profile && profile.generation >= generation ? structuredClone(profile) : undefined;
  },
});

/** Reads the conversations of `tables`. */
export const createFakeConversationReader = (tables: FakeTables): ConversationReader => ({
  async list(userId, generation, limit) {
    return tables
      .conversationsOf(userId)
      .filter((header) => header.generation >= generation)
      .sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
      .slice(0, limit);
  },

  async get(userId, conversationId, generation) {
    const conversation = tables
      .conversationsOf(userId)
      .find((header) => header.conversation_id === conversationId && header.generation >= generation);
    if (conversation === undefined) return undefined;
    const messages = tables
      .liveRows(userId)
      .filter((row) => row.conversation_id === conversationId && row.generation === conversation.generation)
      .filter((row) => !row.deleted)
      .sort(compareShown);
    return { conversation, messages };
  },
});
