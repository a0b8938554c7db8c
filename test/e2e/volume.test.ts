import { afterAll, beforeAll, expect, it } from "vitest";
import { generateConversations, type QueueEvent } from "../../local/demo/conversations.ts";
import { userOf } from "../../local/demo/demo-day.ts";
import { seededRandom } from "../../local/demo/random.ts";
import { ago, Pipeline } from "../support/pipeline.ts";

const MESSAGES = 5_000;
const DUPLICATES = MESSAGES * 0.05;
const USERS = 250;

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.open();
});
afterAll(() => pipeline.close());

it("5,000 messages with 5 % duplicates: lost 0, doubled 0, counted in every store", async () => {
  const seed = Date.now() % 1_000_000;
  const random = seededRandom(seed);
  const events = generateConversations({
    seed,
    day: ago(86_400).slice(0, 10),
    users: USERS,
    messages: MESSAGES,
  });
  const mixed: QueueEvent[] = [...events];
  // A duplicate comes anywhere after its first delivery.
  for (let count = 0; count < DUPLICATES; count++) {
    const first = random.below(mixed.length);
    mixed.splice(first + 1 + random.below(mixed.length - first), 0, mixed[first] as QueueEvent);
  }
  await pipeline.deliverPastWindow(mixed);

  const sent = Map.groupBy(events, userOf);
  expect(sent.size).toBe(USERS);
  const totals = { rows: 0, ids: 0, documents: 0, counted: 0, conversations: 0 };
  for (const [user, own] of sent) {
    const texts = own.map(textOf).sort();
    const [rows, ids, documents, context, profile] = await Promise.all([
      pipeline.messagesOf(user),
      pipeline.itemsOf("message-ids", user),
      pipeline.documentsOf(user),
      pipeline.contextOf(user),
      pipeline.profileOf(user),
    ]);
    expect(rows.map(({ content }) => content).sort(), `rows, seed ${seed}`).toEqual(texts);
    expect(documents.map((document) => document["content"]).sort(), `documents, seed ${seed}`).toEqual(texts);
    // The cache holds the newest 50.
    const newest = rows.map(({ message_id }) => message_id).slice(-50);
    expect(
      [...context.messages].reverse().map(({ message_id }) => message_id),
      `cache, seed ${seed}`,
    ).toEqual(newest);
    totals.rows += rows.length;
    totals.ids += ids.length;
    totals.documents += documents.length;
    totals.counted += profile?.interaction_history.total_messages ?? 0;
    totals.conversations += profile?.total_conversations ?? 0;
  }
  const sessions = new Set(events.map((event) => event["session_id"])).size;
  expect(totals).toEqual({
    rows: MESSAGES,
    ids: MESSAGES,
    documents: MESSAGES,
    counted: MESSAGES,
    conversations: sessions,
  });
});

const textOf = (event: QueueEvent): string => String(event["mensaje"] ?? event["content"]);
