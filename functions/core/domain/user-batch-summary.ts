import { type Conversation, titleOf } from "./conversation.ts";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "./message.ts";
import type { Profile } from "./profile.ts";

/** The profile after one more message. */
export function countInProfile(
  profile: Profile | undefined,
  row: StoredMessage,
  startsConversation: boolean,
): Profile {
  const before = profile ?? newProfile(row);
  const { total_messages, escalations_count } = before.interaction_history;
  const isNewest = row.timestamp >= before.last_interaction;
  const { language } = row.metadata;
  const learnsLanguage =
    row.role === "user" && language !== undefined && (isNewest || before.preferred_language === undefined);
  return {
    ...before,
    last_interaction: isNewest ? row.timestamp : before.last_interaction,
    total_conversations: before.total_conversations + (startsConversation ? 1 : 0),
    ...(learnsLanguage && { preferred_language: language }),
    interaction_history: {
      ...before.interaction_history,
      total_messages: total_messages + 1,
      escalations_count: escalations_count + (row.escalation_triggered ? 1 : 0),
    },
  };
}

const newProfile = (row: StoredMessage): Profile => ({
  user_id: row.user_id,
  created_date: row.first_received_at,
  last_interaction: row.timestamp,
  total_conversations: 0,
  interaction_history: {
    total_messages: 0,
    escalations_count: 0,
    satisfaction_scores: [],
    common_topics: [],
  },
  preferences: {},
  generation: row.generation,
  version: 0,
});

/**
 * The header after one more message. The title is that of the person's earliest message that came with
 * text, as it now reads, so it does not depend on the order of arrival.
 * @param event the message as it came: a deletion that waited for it has emptied `row`
 */
export function countInConversation(
  conversation: Conversation | undefined,
  row: StoredMessage,
  event: RoutedMessage,
): Conversation {
  const before = conversation ?? newConversation(row);
  const sortKey = sortKeyOf(row);
  const givesTitle =
    event.role === "user" &&
    event.content.trim() !== "" &&
    (before.title_from === undefined || sortKey < before.title_from);
  return {
    ...before,
    created_at: row.timestamp < before.created_at ? row.timestamp : before.created_at,
    updated_at: row.timestamp > before.updated_at ? row.timestamp : before.updated_at,
    message_count: before.message_count + 1,
    ...(givesTitle && { title: titleOf(row.content), title_from: sortKey }),
  };
}

/** The header after an edit or deletion of one of its messages: its text must not outlive it in the title. */
export const retitleConversation = (conversation: Conversation, row: StoredMessage): Conversation =>
  conversation.title_from === sortKeyOf(row)
    ? { ...conversation, title: titleOf(row.content) }
    : conversation;

const newConversation = (row: StoredMessage): Conversation => ({
  conversation_id: row.conversation_id,
  user_id: row.user_id,
  title: "",
  created_at: row.timestamp,
  updated_at: row.timestamp,
  message_count: 0,
  channel: row.channel,
  bot_id: row.bot_id,
  generation: row.generation,
  version: 0,
});
