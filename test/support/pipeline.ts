import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { paginateQuery } from "@aws-sdk/lib-dynamodb";
import { createConversationReader } from "../../functions/adapters/dynamodb/conversation-reader.ts";
import { createDayMarks } from "../../functions/adapters/dynamodb/day-marks.ts";
import { createMessageReader } from "../../functions/adapters/dynamodb/message-reader.ts";
import { createMessageStore } from "../../functions/adapters/dynamodb/message-store.ts";
import { createProfileReader } from "../../functions/adapters/dynamodb/profile-reader.ts";
import { loadKeyChain } from "../../functions/adapters/secrets/load-key-chain.ts";
import { createEventPublisher } from "../../functions/adapters/sqs/event-publisher.ts";
import { parseEvent } from "../../functions/core/contracts/parse-event.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import type { KeyChain } from "../../functions/core/domain/key-chain.ts";
import { spokenBody } from "../../functions/core/domain/message.ts";
import type { ProfileReader } from "../../functions/core/ports/profile-reader.ts";
import { envelopeEvent } from "../../functions/core/use-cases/envelope-event.ts";
import type { RecentContext } from "../../functions/core/use-cases/read-context.ts";
import { countWaiting } from "../../local/demo/stage-counts.ts";
import { messageTables } from "./message-tables.ts";
import { openStage, type TestStage } from "./stage.ts";

/** A row as the table holds it. */
export type Row = Readonly<Record<string, unknown>>;

/** The deployed pipeline, seen from outside: events go in by the queue, stores are read directly. */
export class Pipeline {
  readonly stage: TestStage;
  readonly keys: KeyChain;

  private constructor(stage: TestStage, keys: KeyChain) {
    this.stage = stage;
    this.keys = keys;
  }

  static async open(): Promise<Pipeline> {
    const stage = await openStage();
    return new Pipeline(stage, await loadKeyChain(stage.secrets, stage.outputs.keySecret));
  }

  /** Publishes bodies as every producer does, and waits until the pipeline is through. */
  async deliver(events: readonly unknown[]): Promise<void> {
    await this.publish(events);
    await this.drained();
  }

  /** Publishes in a way that the queue itself drops no repetition, as if its five minutes were over. */
  async deliverPastWindow(events: readonly unknown[]): Promise<void> {
    await this.publish(events, () => randomUUID());
    await this.drained();
  }

  /** Stores events as the workflow does, then stops: neither cache nor index learn of them. */
  async storeOnly(events: readonly unknown[]): Promise<void> {
    const tables = messageTables((name) => this.#table(name));
    const deps = { client: this.stage.documents, clock: systemClock };
    const marks = createDayMarks({ ...deps, table: this.#table("lake-days") });
    const store = createMessageStore({ ...deps, tables, marks });
    const routed = events.map((event) => {
      const parsed = parseEvent(JSON.stringify(event), new Date(), this.keys);
      if (!parsed.ok) throw new Error(parsed.rejection.detail);
      const { message } = parsed;
      const body_hash = this.keys.identity("body", spokenBody(message));
      return { ...message, tag: this.keys.tag(message.user_id), generation: 1, body_hash };
    });
    const outcomes = await store.store(routed);
    const refused = outcomes.find(({ status }) => status !== "stored");
    if (refused) throw new Error(`not stored: ${refused.status}`);
  }

  async publish(events: readonly unknown[], deduplicationId?: () => string): Promise<void> {
    const publisher = createEventPublisher({ client: this.stage.sqs, queueUrl: this.stage.outputs.queueUrl });
    await publisher.publish(
      events.map((event) => {
        const body = typeof event === "string" ? event : JSON.stringify(event);
        const { envelope } = envelopeEvent(body, new Date(), this.keys);
        return deduplicationId ? { ...envelope, deduplicationId: deduplicationId() } : envelope;
      }),
    );
  }

  /** Waits until event and repair queues are empty. @throws Error after `limitMs` */
  async drained(limitMs = 240_000): Promise<void> {
    const { outputs, sqs, documents, redis, openSearch } = this.stage;
    const queueUrls = [outputs.queueUrl, outputs.refreshCacheQueueUrl, outputs.repairIndexQueueUrl];
    const stores = { dynamo: documents, sqs, redis, search: openSearch, tables: outputs.tables, queueUrls };
    const end = Date.now() + limitMs;
    for (let quiet = 0; quiet < 2; ) {
      await sleep(150);
      quiet = (await countWaiting(stores)) === 0 ? quiet + 1 : 0;
      if (Date.now() > end) throw new Error(`the queues are not empty after ${limitMs / 1000} s`);
    }
    await openSearch.indices.refresh({ index: "conversations" });
  }

  /** All items of a person in a table whose hash key is the user id. */
  async itemsOf(table: string, userId: string): Promise<Row[]> {
    const items: Row[] = [];
    const pages = paginateQuery(
      { client: this.stage.documents },
      {
        TableName: this.#table(table),
        KeyConditionExpression: "user_id = :user",
        ExpressionAttributeValues: { ":user": userId },
        ConsistentRead: true,
      },
    );
    for await (const page of pages) items.push(...((page.Items ?? []) as Row[]));
    return items;
  }

  /** Stored messages of a person, oldest first in the order shown. */
  async messagesOf(userId: string): ReturnType<ReturnType<typeof createMessageReader>["recent"]> {
    const table = this.#table("conversation-contexts");
    const reader = createMessageReader({ client: this.stage.documents, table, clock: systemClock });
    return (await reader.recent(userId, 1, 10_000)).reverse();
  }

  /** Every document of a person, deleted ones too. */
  async documentsOf(userId: string): Promise<Row[]> {
    const { body } = await this.stage.openSearch.search({
      index: "conversations",
      body: {
        size: 1_000,
        version: true,
        query: { term: { user_id: userId } },
        sort: [{ timestamp: "asc" }],
      },
    });
    return body.hits.hits.map((hit) => ({ ...hit._source, _version: hit._version }));
  }

  async contextOf(userId: string, limit = 50): Promise<RecentContext> {
    const { Payload: payload, FunctionError: failed } = await this.stage.lambda.send(
      new InvokeCommand({
        FunctionName: this.stage.outputs.functions["read-context"],
        Payload: JSON.stringify({ user_id: userId, tag: this.keys.tag(userId), limit }),
      }),
    );
    const text = payload?.transformToString() ?? "";
    if (failed) throw new Error(text);
    return JSON.parse(text) as RecentContext;
  }

  profileOf(userId: string): ReturnType<ProfileReader["get"]> {
    const table = this.#table("user-profiles");
    return createProfileReader({ client: this.stage.documents, table, clock: systemClock }).get(userId, 1);
  }

  conversations(): ReturnType<typeof createConversationReader> {
    return createConversationReader({
      client: this.stage.documents,
      tables: { conversations: this.#table("conversations"), contexts: this.#table("conversation-contexts") },
      clock: systemClock,
    });
  }

  close(): Promise<void> {
    return this.stage.close();
  }

  #table(name: string): string {
    const physical = this.stage.outputs.tables[name];
    if (physical === undefined) throw new Error(`no table ${name}`);
    return physical;
  }
}

/** A person nobody else in the tests writes as. */
export const somebody = (channel = "web"): string => `${channel}:${randomUUID()}`;

/** A full message, written a minute ago unless said otherwise. */
export const anEvent = (userId: string, id: string, fields: Readonly<Record<string, unknown>> = {}) => ({
  user_id: userId,
  message_id: id,
  session_id: `session-${userId.slice(-8)}`,
  timestamp: ago(60),
  role: "user",
  content: `texto de ${id}`,
  ...fields,
});

/** The moment so many seconds ago, ISO 8601, ms, UTC. */
export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString();
