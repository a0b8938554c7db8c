import assert from "node:assert/strict";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { Conversation } from "../../../functions/core/domain/conversation.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { MessageRecord } from "../../../functions/core/domain/message-record.ts";
import type { Profile } from "../../../functions/core/domain/profile.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import type { UserPlan, UserState, Write } from "../../../functions/core/domain/user-batch.ts";

const ROW_MS = 30 * 86_400_000;

/** Name of an item by its two keys. */
const nameOf = (hash: string, range: string): string => JSON.stringify([hash, range]);

export type FakeTableName = "rows" | "records" | "conversations" | "profiles";

/** The tables of one deployment in memory; the fakes of the DynamoDB ports share one. */
export class FakeTables {
  readonly clock: Clock;
  readonly fences = new Map<string, Fence>();
  /** Marks of the lake's days, by `<day>#<shard>`. */
  readonly marks = new Map<string, number>();
  readonly #rows = new Map<string, { row: StoredMessage; expires: number }>();
  readonly #records = new Map<string, MessageRecord>();
  readonly #conversations = new Map<string, Conversation>();
  readonly #profiles = new Map<string, Profile>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Everything held of a person, as a batch's plan wants it. */
  stateOf(userId: string): UserState {
    const profile = this.#profiles.get(userId);
    return {
      records: new Map(ofUser(this.#records.values(), userId).map((record) => [record.message_id, record])),
      rows: new Map(this.allRows(userId).map((row) => [sortKeyOf(row), row])),
      conversations: new Map(this.conversationsOf(userId).map((header) => [header.conversation_id, header])),
      ...(profile && { profile }),
    };
  }

  /** Writes a plan; fails the test when it was made from another state than this one. */
  apply(plan: UserPlan): void {
    for (const write of plan.rows) {
      const name = nameOf(write.next.user_id, sortKeyOf(write.next));
      assertFits(write, this.#rows.get(name)?.row);
      const latest = Math.max(Date.parse(write.next.timestamp), this.clock().getTime());
      this.#rows.set(name, { row: structuredClone(write.next), expires: latest + ROW_MS });
    }
    for (const write of plan.records) {
      put(this.#records, nameOf(write.next.user_id, write.next.message_id), write);
    }
    for (const write of plan.conversations) {
      put(this.#conversations, nameOf(write.next.conversation_id, write.next.user_id), write);
    }
    if (plan.profile) put(this.#profiles, plan.profile.next.user_id, plan.profile);
  }

  /** Bumps, once each, the marks of the past days and shards that rows belong to. */
  markLate(rows: readonly StoredMessage[], clock: Clock): void {
    const today = clock().toISOString().slice(0, 10);
    const late = rows.filter(({ timestamp }) => timestamp.slice(0, 10) < today);
    const names = late.map(({ timestamp, user_id }) => `${timestamp.slice(0, 10)}#${shardOf(user_id)}`);
    for (const name of new Set(names)) this.marks.set(name, (this.marks.get(name) ?? 0) + 1);
  }

  /** Rows of a person, expired ones too. */
  allRows(userId: string): StoredMessage[] {
    return ofUser(
      [...this.#rows.values()].map(({ row }) => row),
      userId,
    );
  }

  /** The same tables under another clock. */
  seenAt(clock: Clock): Pick<FakeTables, "liveRow" | "liveRows"> {
    const liveRow = (userId: string, sortKey: string) => this.liveRow(userId, sortKey, clock);
    return {
      liveRow,
      liveRows: (userId) => this.allRows(userId).flatMap((row) => liveRow(userId, sortKeyOf(row)) ?? []),
    };
  }

  /** Every live row. */
  everyRow(clock = this.clock): StoredMessage[] {
    return [...this.#rows.values()].flatMap(
      ({ row }) => this.liveRow(row.user_id, sortKeyOf(row), clock) ?? [],
    );
  }

  /** Names and generations of all that one table holds of a person. */
  heldOf(table: FakeTableName, userId: string): { readonly name: string; readonly generation: number }[] {
    return [...this.#generations(table)]
      .filter(([, item]) => item.user_id === userId)
      .map(([name, { generation }]) => ({ name, generation }));
  }

  /** Removes an item of this generation or an earlier one, as an eraser does. @returns false when there is none */
  removeUpTo(table: FakeTableName, name: string, generation: number): boolean {
    const held = new Map(this.#generations(table)).get(name);
    return held !== undefined && held.generation <= generation && this.#table(table).delete(name);
  }

  #table(table: FakeTableName): Map<string, unknown> {
    const all = {
      rows: this.#rows,
      records: this.#records,
      conversations: this.#conversations,
      profiles: this.#profiles,
    };
    return all[table];
  }

  #generations(table: FakeTableName): [string, { readonly user_id: string; readonly generation: number }][] {
    if (table === "rows") return [...this.#rows].map(([name, { row }]) => [name, row]);
    const all = { records: this.#records, conversations: this.#conversations, profiles: this.#profiles };
    return [...all[table]];
  }

  /** Loses a row, as nothing in the product does. */
  dropRow(userId: string, sortKey: string): void {
    this.#rows.delete(nameOf(userId, sortKey));
  }

  liveRow(userId: string, sortKey: string, clock = this.clock): StoredMessage | undefined {
    const held = this.#rows.get(nameOf(userId, sortKey));
    return held && held.expires >= clock().getTime() ? structuredClone(held.row) : undefined;
  }

  liveRows(userId: string): StoredMessage[] {
    return this.allRows(userId).flatMap((row) => this.liveRow(userId, sortKeyOf(row)) ?? []);
  }

  recordOf(userId: string, messageId: string): MessageRecord | undefined {
    return this.#records.get(nameOf(userId, messageId));
  }

  conversationsOf(userId: string): Conversation[] {
    return ofUser(this.#conversations.values(), userId);
  }

  profileOf(userId: string): Profile | undefined {
    return this.#profiles.get(userId);
  }

  /** The generation new data of this person is written in. */
  liveGeneration({ tag }: Pick<RoutedMessage, "tag">): number {
    return (this.fences.get(tag)?.generation ?? 0) + 1;
  }
}

const ofUser = <T extends { readonly user_id: string }>(items: Iterable<T>, userId: string): T[] =>
  [...items].filter((item) => item.user_id === userId);

function put<T extends { readonly generation: number }>(
  table: Map<string, T>,
  name: string,
  write: Write<T>,
): void {
  assertFits(write, table.get(name));
  table.set(name, structuredClone(write.next));
}

function assertFits<T extends { readonly generation: number }>(write: Write<T>, held: T | undefined): void {
  if (write.previous !== undefined) assert.deepEqual(held, write.previous);
  else
    assert.ok(held === undefined || held.generation < write.next.generation, "written onto an unread item");
}
