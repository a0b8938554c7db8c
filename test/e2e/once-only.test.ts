import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ago, anEvent, Pipeline, somebody } from "../support/pipeline.ts";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.open();
});
afterAll(() => pipeline.close());

/** What every store says of a person's messages, as (id, text) in the order shown. */
async function everywhere(user: string) {
  const [rows, documents, context, ids, profile] = await Promise.all([
    pipeline.messagesOf(user),
    pipeline.documentsOf(user),
    pipeline.contextOf(user),
    pipeline.itemsOf("message-ids", user),
    pipeline.profileOf(user),
  ]);
  const live = documents.filter((document) => document["deleted"] !== true);
  return {
    rows: rows.map(({ message_id, content }) => [message_id, content]),
    documents: live.map((document) => [document["message_id"], document["content"]]).sort(),
    context: [...context.messages].reverse().map(({ message_id, content }) => [message_id, content]),
    ids: ids.map((item) => item["message_id"]).sort(),
    counted: profile?.interaction_history.total_messages,
  };
}

/** The same messages in each store, in the order shown. */
const all = (messages: [string, string][]) => ({
  rows: messages,
  documents: [...messages].sort(),
  context: messages,
  ids: messages.map(([id]) => id).sort(),
  counted: messages.length,
});

describe("each message once", () => {
  it("two of one millisecond are two", async () => {
    const user = somebody();
    const timestamp = ago(5);
    await pipeline.deliver([
      anEvent(user, "b", { timestamp }),
      anEvent(user, "a", { timestamp, position: 1 }),
    ]);
    const stored = await everywhere(user);
    expect(stored.rows).toHaveLength(2);
    expect(stored).toEqual(all(stored.rows as [string, string][]));
  });

  it("the same one at once, past the queue's window, and with another platform timestamp is one", async () => {
    const user = somebody();
    const event = anEvent(user, "m1");
    await pipeline.deliver([event, event, event]);
    const [first] = await pipeline.messagesOf(user);
    await pipeline.deliverPastWindow([event, event]);
    await pipeline.deliverPastWindow([
      { ...event, timestamp: ago(30) },
      { ...event, timestamp: ago(90) },
    ]);
    expect(await everywhere(user)).toEqual(all([["m1", "texto de m1"]]));
    expect(await pipeline.messagesOf(user)).toEqual([first]);
    expect(first?.timestamp).toBe(event.timestamp);
  });

  it("another body under the same id is refused and kept in quarantine; the first stays", async () => {
    const user = somebody();
    await pipeline.deliver([anEvent(user, "m1")]);
    await pipeline.deliver([anEvent(user, "m1", { content: "otro texto" })]);
    expect(await everywhere(user)).toEqual(all([["m1", "texto de m1"]]));
    const [entry] = await pipeline.itemsOf("quarantine", user);
    expect(entry).toMatchObject({ code: "conflict", field: "message_id" });
  });

  it("shuffled ones are read in the order they were written", async () => {
    const user = somebody();
    const events = Array.from({ length: 12 }, (_, index) =>
      anEvent(user, `m${String(index).padStart(2, "0")}`, { timestamp: ago(100 - index) }),
    );
    const shuffled = events
      .map((event, index) => [(index * 7) % 12, event] as const)
      .sort(([a], [b]) => a - b);
    await pipeline.deliver(shuffled.map(([, event]) => event));
    const stored = await everywhere(user);
    expect(stored).toEqual(all(events.map(({ message_id }) => [message_id, `texto de ${message_id}`])));
  });
});

describe("edits and deletions", () => {
  const edit = (user: string, id: string, content: string, seconds: number) =>
    anEvent(user, id, { kind: "edit", content, timestamp: ago(seconds) });
  const deletion = (user: string, id: string) =>
    anEvent(user, id, { kind: "delete", content: undefined, timestamp: ago(1) });

  it("after their message change row, document and cached context", async () => {
    const user = somebody();
    await pipeline.deliver([anEvent(user, "m1"), anEvent(user, "m2", { timestamp: ago(50) })]);
    expect((await pipeline.contextOf(user)).messages).toHaveLength(2);
    await pipeline.deliver([edit(user, "m1", "corregido", 20), deletion(user, "m2")]);
    const stored = await everywhere(user);
    expect(stored).toMatchObject({
      rows: [["m1", "corregido"]],
      documents: [["m1", "corregido"]],
      context: [["m1", "corregido"]],
      counted: 2,
    });
  });

  it("before their message wait for it", async () => {
    const user = somebody();
    await pipeline.deliver([edit(user, "m1", "corregido", 20), deletion(user, "m2")]);
    expect((await everywhere(user)).rows).toEqual([]);
    await pipeline.deliver([anEvent(user, "m1"), anEvent(user, "m2", { timestamp: ago(50) })]);
    expect(await everywhere(user)).toMatchObject({
      rows: [["m1", "corregido"]],
      documents: [["m1", "corregido"]],
      context: [["m1", "corregido"]],
    });
  });

  it("in any order end in the latest text, and a deletion in none", async () => {
    const user = somebody();
    await pipeline.deliver([
      edit(user, "m1", "segundo", 10),
      anEvent(user, "m1"),
      edit(user, "m1", "primero", 20),
      anEvent(user, "gone", { timestamp: ago(55) }),
      deletion(user, "gone"),
      edit(user, "gone", "tarde", 1),
    ]);
    expect((await everywhere(user)).rows).toEqual([["m1", "segundo"]]);
    // Nothing of the deleted text is left in any store.
    const rows = await pipeline.itemsOf("conversation-contexts", user);
    const ids = await pipeline.itemsOf("message-ids", user);
    const left = JSON.stringify([
      rows,
      ids,
      await pipeline.documentsOf(user),
      await pipeline.contextOf(user),
    ]);
    expect(left).not.toContain("texto de gone");
    expect(left).not.toContain("tarde");
    expect(rows.find((row) => String(row["timestamp"]).endsWith("#gone"))).toMatchObject({ deleted: true });
  });
});

it("a conversation has its header, and its messages count once", async () => {
  const user = somebody();
  const events = [
    anEvent(user, "q1", { content: "¿Dónde está mi pedido?\nGracias", timestamp: ago(40) }),
    anEvent(user, "a1", {
      role: "assistant",
      content: "Va en camino",
      timestamp: ago(39),
      escalation_triggered: true,
    }),
  ];
  await pipeline.deliver(events);
  await pipeline.deliverPastWindow(events);
  const session = `session-${user.slice(-8)}`;
  const found = await pipeline.conversations().get(user, session, 1);
  expect(found?.conversation).toMatchObject({ title: "¿Dónde está mi pedido?", message_count: 2 });
  expect(found?.messages.map(({ message_id }) => message_id)).toEqual(["q1", "a1"]);
  expect(await pipeline.profileOf(user)).toMatchObject({
    total_conversations: 1,
    interaction_history: { total_messages: 2, escalations_count: 1 },
  });
});
