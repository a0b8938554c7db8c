import { randomUUID } from "node:crypto";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { ConversationReader } from "../../../functions/core/ports/conversation-reader.ts";
import type { ErasureLedger } from "../../../functions/core/ports/erasure-ledger.ts";
import type { MessageReader, MessageStore } from "../../../functions/core/ports/message-store.ts";
import type { ProfileReader } from "../../../functions/core/ports/profile-reader.ts";
import { aRoutedMessage, later, tagOf } from "../../support/builders.ts";

/** The stores of one deployment, fake or real. Tests share them, so each brings its own person. */
export interface Stores {
  readonly store: MessageStore;
  readonly ledger: ErasureLedger;
  readonly reader: MessageReader;
  readonly profiles: ProfileReader;
  readonly conversations: ConversationReader;
  /** Rows as a later moment sees them. */
  readerAt(clock: Clock): MessageReader;
  /** The store under another clock. */
  storeAt(clock: Clock): MessageStore;
  /** How often the lake's mark of a day's shard was bumped. */
  markOf(day: string, shard: number): Promise<number>;
  /** Writes a fence into the ledger, as an erasure will. */
  fence(tag: string, fence: Fence): Promise<void>;
}

/** One person nobody else writes to, with messages around the present (an engine may sweep what is expired). */
export class Scene {
  readonly userId = `whatsapp:+34${randomUUID()}`;
  readonly tag = tagOf(this.userId);
  readonly start = new Date(Date.now() - 3_600_000).toISOString();

  /** The moment so many milliseconds after the start. */
  at(milliseconds: number): string {
    return later(milliseconds, this.start);
  }

  message(over: Partial<RoutedMessage> = {}): RoutedMessage {
    return aRoutedMessage({ user_id: this.userId, timestamp: this.start, ...over });
  }

  /** So many messages with ids of their own, a second apart. */
  messages(count: number, over: Partial<RoutedMessage> = {}): RoutedMessage[] {
    return Array.from({ length: count }, (_, index) =>
      this.message({
        message_id: `m-${index}`,
        timestamp: this.at(index * 1000),
        content: `Texto ${index}`,
        ...over,
      }),
    );
  }
}

/** Short questions to the stores. They are opened before the first test, hence the function. */
export function probesOf(stores: () => Stores) {
  return {
    /** Stores a batch; the statuses it was answered with. */
    statuses: async (messages: readonly RoutedMessage[]): Promise<string[]> =>
      (await stores().store.store(messages)).map(({ status }) => status),
    /** Live rows of the person, newest first. */
    rows: ({ userId }: Scene, generation = 1): Promise<StoredMessage[]> =>
      stores().reader.recent(userId, generation, 1_000),
    /** The row under the message's own timestamp. */
    rowOf: async (message: RoutedMessage): Promise<StoredMessage | undefined> =>
      (await stores().reader.byKeys([{ user_id: message.user_id, sort_key: sortKeyOf(message) }]))[0],
    /** What the profile counts. */
    totals: async ({ userId }: Scene) => {
      const profile = await stores().profiles.get(userId, 1);
      return {
        messages: profile?.interaction_history.total_messages,
        conversations: profile?.total_conversations,
      };
    },
  };
}
