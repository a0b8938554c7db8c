import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hilo, hiloJson } from "../support/hilo.ts";
import { ago, anEvent, Pipeline, type Row, somebody } from "../support/pipeline.ts";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.open();
});
afterAll(() => pipeline.close());

/** Puts a body where one goes that failed in every delivery. */
async function bury(user: string, body: unknown): Promise<void> {
  await pipeline.stage.sqs.send(
    new SendMessageCommand({
      QueueUrl: pipeline.stage.outputs.deadLetterQueueUrl,
      MessageBody: JSON.stringify(body),
      MessageGroupId: pipeline.keys.identity("group", user),
      MessageDeduplicationId: randomUUID(),
    }),
  );
}

/** A person's entries, once there are so many. */
async function entriesOf(user: string, count: number): Promise<Row[]> {
  for (const end = Date.now() + 60_000; ; await sleep(200)) {
    const entries = await pipeline.itemsOf("quarantine", user);
    if (entries.length === count || Date.now() > end) return entries;
  }
}

const idOf = (entry: Row | undefined): string => `${entry?.["first_received_at"]}_${entry?.["source_id"]}`;

describe("a dead letter", () => {
  it("is in quarantine within seconds, its person's cached context dropped; a retry stores it", async () => {
    const user = somebody();
    await pipeline.deliver([anEvent(user, "m1")]);
    await pipeline.contextOf(user);
    const received = ago(20);
    await bury(user, anEvent(user, "m2", { timestamp: ago(30), first_received_at: received }));
    const [entry, ...more] = await entriesOf(user, 1);
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ code: "retries-exhausted", field: "body", first_received_at: received });
    await pipeline.drained();
    expect(await pipeline.stage.redis.exists(`context:{${pipeline.keys.tag(user)}}`)).toBe(0);

    expect(await hiloJson("quarantine", "retry", idOf(entry))).toEqual({ sent: 1, left: [] });
    await pipeline.drained();
    const rows = await pipeline.messagesOf(user);
    expect(rows.map(({ message_id }) => message_id)).toEqual(["m1", "m2"]);
    expect(rows[1]?.first_received_at).toBe(received);
    expect(await pipeline.itemsOf("quarantine", user)).toEqual([]);
    expect((await pipeline.contextOf(user)).messages).toHaveLength(2);
  });

  it("of somebody erased since is discarded, and so is a retry", async () => {
    const [user, later] = [somebody(), somebody()];
    await bury(later, anEvent(later, "m1"));
    const [entry] = await entriesOf(later, 1);
    for (const person of [user, later]) {
      const Item = { tag: pipeline.keys.tag(person), generation: 1, fenced_at: ago(0) };
      await pipeline.stage.documents.send(
        new PutCommand({ TableName: pipeline.stage.outputs.tables["erasure-ledger"], Item }),
      );
    }
    await bury(user, anEvent(user, "m1"));
    expect(await hiloJson("quarantine", "retry", idOf(entry))).toEqual({ sent: 1, left: [] });
    // One that is kept comes behind them in every queue.
    const witness = somebody();
    await bury(witness, anEvent(witness, "m1"));
    expect(await entriesOf(witness, 1)).toHaveLength(1);
    await pipeline.drained();
    for (const person of [user, later]) {
      expect(await pipeline.itemsOf("quarantine", person)).toEqual([]);
      expect(await pipeline.itemsOf("conversation-contexts", person)).toEqual([]);
    }
  });
});

describe("what can never be stored", () => {
  it("comes back from a retry with its first arrival and one retry more, and goes when it is discarded", async () => {
    const user = somebody();
    const body = JSON.stringify(anEvent(user, "m!", { content: "¿qué?" }));
    await pipeline.deliver([body]);
    const [first] = await entriesOf(user, 1);
    expect(await hiloJson("quarantine", "retry", "--user", user)).toEqual({ sent: 1, left: [] });
    await pipeline.drained();
    const [second, ...more] = await entriesOf(user, 1);
    expect(more).toEqual([]);
    expect(second).toMatchObject({
      field: "message_id",
      retries: 1,
      first_received_at: first?.["first_received_at"],
      body_text: body,
    });
    expect(second?.["source_id"]).not.toBe(first?.["source_id"]);

    const id = idOf(second);
    const listed = await hiloJson("quarantine", "list", "--user", user, "--code", "invalid-field");
    expect(listed).toEqual([{ id, code: "invalid-field", field: "message_id" }]);
    const shown = await hiloJson<Record<string, unknown>>("quarantine", "show", id);
    expect(shown).toMatchObject({ id, user_id: user, retries: 1, body });
    expect((await hilo("quarantine", "discard", id)).code).toBe(2);
    expect(await entriesOf(user, 1)).toHaveLength(1);
    expect((await hilo("quarantine", "discard", id, "--yes")).code).toBe(0);
    expect(await pipeline.itemsOf("quarantine", user)).toEqual([]);
    const gone = await hilo("quarantine", "show", id);
    expect([gone.code, gone.output]).toEqual([1, ""]);
  });

  it("of 300 KB is shown whole, and discarded from the bucket too", async () => {
    const user = somebody();
    const body = JSON.stringify(anEvent(user, "m1", { content: "ñ".repeat(150_000) }));
    await pipeline.deliver([body]);
    const [entry] = await entriesOf(user, 1);
    expect((await hiloJson<{ body: string }>("quarantine", "show", idOf(entry))).body).toBe(body);
    await hilo("quarantine", "discard", idOf(entry), "--yes");
    // Its old version stays for a week: an erasure must still find it.
    expect(await pipeline.itemsOf("user-objects", user)).toHaveLength(1);
    expect(await pipeline.itemsOf("quarantine", user)).toEqual([]);
  });
});

it("hilo redrive empties the dead letters of the repairs into their queues", async () => {
  const user = somebody();
  await pipeline.storeOnly([anEvent(user, "m1")]);
  const [row] = await pipeline.messagesOf(user);
  const tag = pipeline.keys.tag(user);
  const { sqs, outputs } = pipeline.stage;
  const repair = { user_id: user, tag, sort_key: `${row?.timestamp}#m1` };
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: outputs.repairIndexDeadLetterQueueUrl,
      MessageBody: JSON.stringify(repair),
    }),
  );
  const moved = await hiloJson<{ queue: string; moved: number }[]>("redrive");
  expect(moved.find(({ queue }) => queue === "repair-index")).toMatchObject({ found: 1, moved: 1 });
  await pipeline.drained();
  expect(await pipeline.documentsOf(user)).toHaveLength(1);
});
