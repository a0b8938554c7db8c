import type { Conversation } from "../../core/domain/conversation.ts";
import type { Profile } from "../../core/domain/profile.ts";
import { shardOf } from "../../core/domain/shard.ts";
import type { Item } from "./call.ts";
import { expiryAfter } from "./expiry.ts";

/** Profiles and headers outlive the last message by two years. */
const SUMMARY_DAYS = 2 * 365;

/** The item of `user-profiles`. */
export const profileItem = (profile: Profile): Item => ({
  ...profile,
  created_date_shard: `${profile.created_date.slice(0, 10)}#${shardOf(profile.user_id)}`,
  ttl: expiryAfter(SUMMARY_DAYS, profile.last_interaction),
});

/** The profile that `profileItem` wrote. */
export function profileOf(item: Item): Profile {
  const { ttl: _, created_date_shard: _shard, ...profile } = item;
  return profile as unknown as Profile;
}

/** The item of `conversations`. */
export const conversationItem = (conversation: Conversation): Item => ({
  ...conversation,
  ttl: expiryAfter(SUMMARY_DAYS, conversation.updated_at),
});

/** The header that `conversationItem` wrote. */
export function conversationOf(item: Item): Conversation {
  const { ttl: _, ...conversation } = item;
  return conversation as unknown as Conversation;
}
