import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  QueryCommand,
  type QueryCommandOutput,
  ScanCommand,
} from "@aws-sdk/lib-dynamodb";
import { recordItem } from "../../../functions/adapters/dynamodb/record-item.ts";
import { rowItem } from "../../../functions/adapters/dynamodb/row-item.ts";
import { conversationItem, profileItem } from "../../../functions/adapters/dynamodb/summary-items.ts";
import {
  createTableStores,
  type TableStoresDeps,
} from "../../../functions/adapters/dynamodb/table-stores.ts";
import { type StoresOf, storesOf } from "../../../functions/core/domain/personal-stores.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import { aStoredMessage, later, NOW } from "../../support/builders.ts";
import type { Placed } from "../suites/personal-store.ts";
import type { DynamoEngine } from "./engine.ts";

export type PersonalTable = StoresOf<"tables">;
type Item = Record<string, unknown>;

/** Item `nth` of a person as the product writes it. */
const ITEMS: Record<Exclude<PersonalTable, "identities">, (data: Placed, nth: number) => Item> = {
  "conversation-contexts": (data, nth) => rowItem(rowOf(data, nth), new Date()),
  "message-ids": (data, nth) =>
    recordItem(
      {
        user_id: data.user_id,
        message_id: `m-${data.generation}-${nth}`,
        sort_key: `${NOW}#m-${nth}`,
        conversation_id: `c-${nth}`,
        body_hash: "0".repeat(64),
        generation: data.generation,
        revision: 1,
        deleted: false,
        first_received_at: new Date().toISOString(),
        edit_hash: textOf(data),
      },
      new Date(),
    ),
  "user-profiles": (data) =>
    profileItem({
      user_id: data.user_id,
      created_date: NOW,
      last_interaction: new Date().toISOString(),
      total_conversations: 1,
      preferred_language: "es",
      interaction_history: {
        total_messages: 1,
        escalations_count: 0,
        satisfaction_scores: [5],
        common_topics: [textOf(data)],
      },
      preferences: { nota: textOf(data) },
      generation: data.generation,
      version: 1,
    }),
  conversations: (data, nth) =>
    conversationItem({
      // Two people may share a conversation's id.
      conversation_id: `c-${data.generation}-${nth}`,
      user_id: data.user_id,
      title: textOf(data),
      created_at: NOW,
      updated_at: new Date().toISOString(),
      message_count: 1,
      channel: "whatsapp",
      bot_id: "oraculo",
      generation: data.generation,
      version: 1,
    }),
  "conversation-sessions": (data, nth) => ({
    user_id: data.user_id,
    session_id: `s-${data.generation}-${nth}`,
    state: textOf(data),
    generation: data.generation,
    ttl: Math.floor(Date.now() / 1000) + 900,
  }),
  quarantine: (data, nth) => ({
    user_id: data.user_id,
    received: `${NOW}#${data.generation}-${nth}`,
    received_shard: `2026-11-20#${shardOf(data.user_id)}`,
    first_received_at: NOW,
    source_id: `${data.generation}-${nth}`,
    code: "invalid-field",
    field: "body",
    detail: "must be JSON",
    body_text: textOf(data),
    // Whose event could not be read has no generation: it is of the first.
    ...(data.generation > 1 && { generation: data.generation }),
  }),
};

const textOf = ({ canary = "hola" }: Placed): string => canary;

function rowOf(data: Placed, nth: number) {
  const text = textOf(data);
  return aStoredMessage({
    user_id: data.user_id,
    message_id: `m-${data.generation}-${nth}`,
    session_id: `s-${text}`.slice(0, 100),
    timestamp: later(nth),
    generation: data.generation,
    content: data.isLarge ? `${text}${"x".repeat(50_000)}` : text,
    platform_message_id: text,
    metadata: { intent: text, nota: text },
    tool_calls: [{ tool: "buscar", args: { q: text }, result: text }],
    media: { caption: text },
    extra: { nota: text },
  });
}

/** A link lies there both ways; a person's later alias begins after the fence. */
const linkItems = ({ user_id, generation, canary = "x" }: Placed, nth: number): Item[] => {
  const person = `person_${canary}-${generation}-${user_id}-${nth}`;
  const valid_from = generation === 1 ? "2026-01-01T00:00:00.000Z" : "2026-11-20T12:00:01.000Z";
  const link = { alias_id: user_id, person_id: person, valid_from };
  return [
    { alias: user_id, linked: person, ...link },
    { alias: person, linked: user_id, ...link },
  ];
};

/** The tables of personal data on the engine. */
export function personalTables(engine: DynamoEngine) {
  const { documents } = engine.engines;
  const names = Object.fromEntries(storesOf("tables").map((name) => [name, engine.table(name)])) as Record<
    PersonalTable,
    string
  >;

  const write = async (table: PersonalTable, items: readonly Item[]): Promise<void> => {
    for (let start = 0; start < items.length; start += 25) {
      const RequestItems = {
        [names[table]]: items.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } })),
      };
      await documents.send(new BatchWriteCommand({ RequestItems }));
    }
  };

  const pages = async (
    next: (start: Item | undefined) => Promise<Pick<QueryCommandOutput, "Items" | "LastEvaluatedKey">>,
  ): Promise<Item[]> => {
    const items: Item[] = [];
    let start: Item | undefined;
    do {
      const page = await next(start);
      items.push(...(page.Items ?? []));
      start = page.LastEvaluatedKey;
    } while (start);
    return items;
  };

  const scanned = (table: PersonalTable): Promise<Item[]> =>
    pages((start) =>
      documents.send(
        new ScanCommand({ TableName: names[table], ...(start && { ExclusiveStartKey: start }) }),
      ),
    );

  return {
    names,
    write,
    /** The stores through another client, with the jitter of zero. */
    stores: (over: Partial<TableStoresDeps> = {}) =>
      createTableStores({ client: documents, tables: names, random: () => 0, ...over }),

    place: async (table: PersonalTable, data: readonly Placed[]): Promise<void> => {
      const items = data.flatMap((one) =>
        Array.from({ length: one.count ?? 1 }, (_, nth) =>
          table === "identities" ? linkItems(one, nth) : [ITEMS[table](one, nth)],
        ).flat(),
      );
      await write(table, items);
    },

    /** Items whose key names the id. */
    heldOf: async (table: PersonalTable, userId: string): Promise<number> => {
      if (table === "conversations" || table === "identities") {
        return (await scanned(table)).filter(
          ({ user_id, alias, linked }) => user_id === userId || alias === userId || linked === userId,
        ).length;
      }
      const items = await pages((start) =>
        documents.send(
          new QueryCommand({
            TableName: names[table],
            KeyConditionExpression: "user_id = :user",
            ExpressionAttributeValues: { ":user": userId },
            ConsistentRead: true,
            ...(start && { ExclusiveStartKey: start }),
          }),
        ),
      );
      return items.length;
    },

    raw: async (table: PersonalTable): Promise<string> => JSON.stringify(await scanned(table)),

    /** A client that is killed at a statement: before the first at 0, after it was done at 1, before the second at 2, … */
    dyingClient: (at: number): DynamoDBDocumentClient => {
      const client = new DynamoDBClient(engine.engines.aws);
      let moments = 0;
      // From that moment on, as of a process that is gone.
      const live = (): void => {
        if (moments++ >= at) throw Object.assign(new Error("killed"), { name: "AbortError", code: "killed" });
      };
      client.middlewareStack.add(
        (next, context) => async (args) => {
          if (context.commandName !== "BatchExecuteStatementCommand") return next(args);
          live();
          const result = await next(args);
          live();
          return result;
        },
        { step: "initialize", name: "dying" },
      );
      return DynamoDBDocumentClient.from(client);
    },

    awayClient: (): DynamoDBDocumentClient =>
      DynamoDBDocumentClient.from(
        new DynamoDBClient({ ...engine.engines.aws, endpoint: "http://127.0.0.1:1", maxAttempts: 1 }),
      ),
  };
}
