import type { Conversation } from "./conversation.ts";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "./message.ts";
import type { MessageRecord } from "./message-record.ts";
import type { RowOutcome } from "./outcome.ts";
import type { Profile } from "./profile.ts";
import { foldMessage, type MessageState } from "./user-batch-message.ts";
import { countInConversation, countInProfile, retitleConversation } from "./user-batch-summary.ts";

/** What the store holds of a person, as far as a batch touches it. */
export interface UserState {
  /** By message id: all that the batch names. */
  readonly records: ReadonlyMap<string, MessageRecord>;
  /** By sort key: those of known messages that the batch edits or deletes. */
  readonly rows: ReadonlyMap<string, StoredMessage>;
  /** By conversation id: all that the batch's messages and changed rows belong to. */
  readonly conversations: ReadonlyMap<string, Conversation>;
  readonly profile?: Profile;
}

/** One item to write. It may be written only onto `previous`; without: onto nothing, or an older generation. */
export interface Write<T> {
  readonly next: T;
  readonly previous?: T;
}

/** One transaction: every item once. `outcomes` are in the order of the batch. */
export interface UserPlan {
  readonly outcomes: readonly Omit<RowOutcome, "item">[];
  readonly records: readonly Write<MessageRecord>[];
  readonly rows: readonly Write<StoredMessage>[];
  readonly conversations: readonly Write<Conversation>[];
  readonly profile?: Write<Profile>;
}

/**
 * Plans what a batch of one person's events, in order, makes of what the store holds. Pure.
 * Everything is written in the batch's generation; what an earlier one left counts as absent (erased,
 * not yet swept), and where a later one is there already the whole batch is `stale-generation`.
 */
export function planUserBatch(state: UserState, events: readonly RoutedMessage[]): UserPlan {
  const generation = Math.max(...events.map((event) => event.generation));
  if (isOvertaken(state, generation)) return staleBatch(events.length);
  const fold = new UserFold(liveState(state, generation));
  const outcomes = events.map((event) =>
    event.generation < generation ? ({ status: "stale-generation" } as const) : fold.apply(event),
  );
  return { outcomes, ...fold.writes() };
}

const staleBatch = (size: number): UserPlan => ({
  outcomes: Array.from({ length: size }, () => ({ status: "stale-generation" })),
  records: [],
  rows: [],
  conversations: [],
});

const isOvertaken = ({ records, conversations, profile }: UserState, generation: number): boolean =>
  [...records.values(), ...conversations.values(), ...(profile ? [profile] : [])].some(
    (item) => item.generation > generation,
  );

function liveState({ records, rows, conversations, profile }: UserState, generation: number): UserState {
  const live = <T extends { readonly generation: number }>(items: ReadonlyMap<string, T>): Map<string, T> =>
    new Map([...items].filter(([, item]) => item.generation === generation));
  return {
    records: live(records),
    rows: live(rows),
    conversations: live(conversations),
    ...(profile?.generation === generation && { profile }),
  };
}

/** The batch's running result on top of what was read. */
class UserFold {
  readonly #read: UserState;
  readonly #messages = new Map<string, MessageState>();
  readonly #conversations = new Map<string, Conversation>();
  #profile: Profile | undefined;

  constructor(read: UserState) {
    this.#read = read;
    this.#profile = read.profile;
  }

  apply(event: RoutedMessage): Omit<RowOutcome, "item"> {
    const { state, outcome } = foldMessage(this.#messageState(event.message_id), event);
    if (outcome.status !== "stored" && outcome.status !== "pending") return outcome;
    this.#messages.set(event.message_id, state);
    if (state.row) this.#summarise(state.row, event);
    return outcome;
  }

  #messageState(messageId: string): MessageState {
    const folded = this.#messages.get(messageId);
    if (folded) return folded;
    const record = this.#read.records.get(messageId);
    const row = record?.pending === undefined && record ? this.#read.rows.get(record.sort_key) : undefined;
    return { ...(record && { record }), ...(row && { row }) };
  }

  #summarise(row: StoredMessage, event: RoutedMessage): void {
    const id = row.conversation_id;
    const header = this.#conversations.get(id) ?? this.#read.conversations.get(id);
    if (event.kind === "message") {
      this.#conversations.set(id, countInConversation(header, row, event));
      this.#profile = countInProfile(this.#profile, row, header === undefined);
    } else if (header) {
      const retitled = retitleConversation(header, row);
      if (retitled !== header) this.#conversations.set(id, retitled);
    }
  }

  writes(): Omit<UserPlan, "outcomes"> {
    const { records, rows, conversations, profile } = this.#read;
    const states = [...this.#messages.values()];
    return {
      records: states.flatMap(({ record }) =>
        record ? [write(record, records.get(record.message_id))] : [],
      ),
      rows: states.flatMap(({ row }) => (row ? [write(row, rows.get(sortKeyOf(row)))] : [])),
      conversations: [...this.#conversations].map(([id, next]) =>
        write(nextVersion(next, conversations.get(id)), conversations.get(id)),
      ),
      ...(this.#profile &&
        this.#profile !== profile && { profile: write(nextVersion(this.#profile, profile), profile) }),
    };
  }
}

const write = <T>(next: T, previous: T | undefined): Write<T> => ({ next, ...(previous && { previous }) });

const nextVersion = <T extends { readonly version: number }>(next: T, previous: T | undefined): T => ({
  ...next,
  version: (previous?.version ?? 0) + 1,
});
