import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
} from "@aws-sdk/client-s3";
import { ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { paginateScan } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createIdentities } from "../../functions/adapters/dynamodb/identities.ts";
import { queueDepth } from "../../local/demo/stage-counts.ts";
import { hilo, hiloJson } from "../support/hilo.ts";
import { Lake } from "../support/lake.ts";
import { ago, anEvent, Pipeline, somebody } from "../support/pipeline.ts";

let pipeline: Pipeline;
let lake: Lake;
let folder: string;

beforeAll(async () => {
  pipeline = await Pipeline.open();
  lake = new Lake(pipeline);
  folder = mkdtempSync(join(tmpdir(), "hilo-erasures-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await pipeline.close();
});

interface Plan {
  readonly id: string;
  readonly undecided: number;
  readonly held: number;
}

interface Done {
  readonly status: string;
  readonly fenced_at: string;
  readonly receipts: readonly unknown[];
}

const plan = (...args: string[]): Promise<Plan> => hiloJson<Plan>("erase", "plan", ...args);
const start = (id: string): Promise<Done> => hiloJson<Done>("erase", "start", id, "--approve");

const idsOf = async (user: string): Promise<string[]> =>
  (await pipeline.itemsOf("conversation-contexts", user)).map(({ message_id }) => String(message_id)).sort();

/** Native ids that mean something to a shell, a pattern, a path, a query or a script. */
const ODD = [
  "+123",
  "*",
  "?",
  "+12[3]4",
  "a:b",
  "{x}",
  "../",
  "%2F",
  '"}',
  "' OR '1'='1",
  "🙂",
  "a b",
  "\\",
  "$&",
];

it("takes every id literally, and leaves ids that begin like one alone", async () => {
  const stem = somebody("web");
  const odd = ODD.map((native) => `${stem}${native}`);
  const bystanders = [`${stem}+1234`, `${stem}a`, `${stem}{x}y`, `${stem}2`, stem];
  const message = (user: string) => anEvent(user, "m", { timestamp: ago(60), content: "hola" });
  await pipeline.deliver([...odd, ...bystanders].map(message));
  const file = join(folder, "ids.txt");
  writeFileSync(file, `# ids, one a line\n${odd.join("\n")}\n`);

  const { id } = await plan("--file", file);
  const done = await start(id);
  expect([done.status, done.receipts.length]).toEqual(["completed", ODD.length]);
  for (const user of odd) {
    expect(await idsOf(user), user).toEqual([]);
    expect(await pipeline.documentsOf(user), user).toEqual([]);
  }
  for (const user of bystanders) {
    expect(await idsOf(user), user).toEqual(["m"]);
    expect(await pipeline.documentsOf(user), user).toHaveLength(1);
    expect((await pipeline.contextOf(user)).messages, user).toHaveLength(1);
  }
}, 300_000);

it("lets what is written while it runs flow, about a hundred messages a second, and takes exactly what was before", async () => {
  const [user, neighbour] = [somebody(), somebody()];
  const sent: { id: string; user: string; timestamp: string }[] = [];
  let isRunning = true;
  const write = async (): Promise<void> => {
    for (let n = 0; isRunning && n < 2_000; n += 10) {
      const timestamp = new Date().toISOString();
      const events = Array.from({ length: 10 }, (_, index) => {
        const one = { id: `m${n + index}`, user: index % 2 === 0 ? user : neighbour, timestamp };
        sent.push(one);
        return anEvent(one.user, one.id, { timestamp, first_received_at: timestamp, content: "hola" });
      });
      await pipeline.publish(events);
      await sleep(100);
    }
  };
  const { id } = await plan(user);
  const writing = write();
  await sleep(2_000);
  const done = await start(id);
  isRunning = false;
  await writing;
  await pipeline.drained();

  expect(done.status).toBe("completed");
  const expected = (who: string, from: string): string[] =>
    sent.flatMap((one) => (one.user === who && one.timestamp > from ? [one.id] : [])).sort();
  expect(expected(user, "").length).toBeGreaterThan(expected(user, done.fenced_at).length);
  expect(await idsOf(user)).toEqual(expected(user, done.fenced_at));
  expect(await idsOf(neighbour)).toEqual(expected(neighbour, ""));
  const documents = (await pipeline.documentsOf(user)).map(({ message_id }) => String(message_id)).sort();
  expect(documents).toEqual(expected(user, done.fenced_at));
}, 300_000);

it("waits while a hold keeps the person's data, and goes on when it is lifted", async () => {
  const user = somebody();
  await pipeline.deliver([anEvent(user, "m", { timestamp: ago(60), content: "hola" })]);
  expect((await hilo("hold", "set", user, "--reason", "case 12")).code).toBe(0);
  const { id, held } = await plan(user);
  expect(held).toBe(1);
  expect((await start(id)).status).toBe("waiting");
  expect(await idsOf(user)).toEqual(["m"]);
  // A copy is where nothing expires.
  const tag = pipeline.keys.tag(user);
  expect((await versions()).filter(({ key }) => key.includes(tag)).length).toBeGreaterThan(0);

  expect((await hilo("hold", "lift", user)).code).toBe(0);
  expect((await start(id)).status).toBe("completed");
  expect(await idsOf(user)).toEqual([]);
  expect((await versions()).filter(({ key }) => key.includes(tag))).toEqual([]);
}, 300_000);

it("wants a decision about a number that was somebody else's, too", async () => {
  const [user, number] = [somebody("telegram"), somebody("whatsapp")];
  const identities = createIdentities({ client: pipeline.stage.documents, table: lake.table("identities") });
  const [first, second] = ["person_first", "person_second"].map((name) => `${name}-${user.slice(-8)}`);
  const then = ago(86_400);
  await identities.link({ alias: user, person_id: first ?? "", valid_from: ago(864_000) });
  await identities.link({ alias: number, person_id: first ?? "", valid_from: ago(864_000), valid_to: then });
  await identities.link({ alias: number, person_id: second ?? "", valid_from: then });
  await pipeline.deliver(
    [user, number].map((one) => anEvent(one, "m", { timestamp: ago(60), content: "hola" })),
  );

  const open = await plan(user);
  expect(open.undecided).toBe(1);
  const refused = await hilo("erase", "start", open.id, "--approve");
  expect([refused.code, refused.errors.includes(number)]).toEqual([1, false]);
  expect(await idsOf(user)).toEqual(["m"]);

  const decided = await plan(user, "--exclude", number);
  expect((await start(decided.id)).status).toBe("completed");
  expect([await idsOf(user), await idsOf(number)]).toEqual([[], ["m"]]);
}, 300_000);

it("leaves no byte of a canary in any store, queue or dead-letter queue; a redrive brings nothing back", async () => {
  const user = somebody("whatsapp");
  const canary = `canario${user.slice(-12).replaceAll(/\W/g, "")}`;
  const day = ago(86_400 * 3).slice(0, 10);
  const old = anEvent(user, `${canary}-id`, {
    timestamp: `${day}T10:00:00.000Z`,
    first_received_at: ago(600),
    session_id: `${canary}-session`,
    content: `${canary} text`,
    metadata: { intent: "other", note: `${canary} metadata` },
    tool_calls: [
      { tool: "pedidos", args: { q: `${canary} args` }, result: `${canary} ${"x".repeat(40_000)}` },
    ],
    media: { caption: `${canary} caption` },
    [`${canary}_extra`]: `${canary} extra`,
  });
  const poison = { ...old, message_id: `no id ${canary}` };
  await pipeline.deliver([old, poison]);
  await pipeline.contextOf(user);
  expect((await everything(canary)).length).toBeGreaterThan(5);

  const { id } = await plan(user);
  expect((await start(id)).status).toBe("completed");
  await pipeline.deliverPastWindow([old, poison, { ...old, kind: "edit", timestamp: ago(500) }]);
  const { sqs, outputs } = pipeline.stage;
  const letter = { QueueUrl: outputs.deadLetterQueueUrl, MessageBody: JSON.stringify(old) };
  await sqs.send(
    new SendMessageCommand({ ...letter, MessageGroupId: "old", MessageDeduplicationId: canary }),
  );
  await expect.poll(() => queueDepth(sqs, outputs.deadLetterQueueUrl), { timeout: 60_000 }).toBe(0);
  await pipeline.drained();
  expect(await everything(canary)).toEqual([]);
}, 300_000);

/** Every version in the bucket. */
async function versions(): Promise<{ readonly key: string; readonly versionId: string }[]> {
  const { s3: client, outputs } = pipeline.stage;
  const found: { key: string; versionId: string }[] = [];
  for (let marker: { KeyMarker?: string; VersionIdMarker?: string } | undefined = {}; marker; ) {
    const list = new ListObjectVersionsCommand({ Bucket: outputs.bucket, ...marker });
    const page: ListObjectVersionsCommandOutput = await client.send(list);
    for (const { Key: key = "", VersionId: versionId = "" } of page.Versions ?? [])
      found.push({ key, versionId });
    const { IsTruncated: more, NextKeyMarker = "", NextVersionIdMarker = "" } = page;
    marker = more ? { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } : undefined;
  }
  return found;
}

/**
 * Where a text is: every item of every table, key, document, queue and version of an object, read as bytes. Not in
 * `erasure-subjects`, which names what is to be looked at again until the request is closed.
 */
async function everything(text: string): Promise<string[]> {
  const { documents: client, redis, openSearch, sqs, s3, outputs } = pipeline.stage;
  const places: string[] = [];
  const look = (place: string, bytes: Buffer | string): void => {
    if (bytes.includes(text)) places.push(place);
  };
  const { "erasure-subjects": _, ...tables } = outputs.tables;
  for (const [name, TableName] of Object.entries(tables))
    for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true }))
      for (const item of page.Items ?? []) look(name, JSON.stringify(item));
  for (const key of await redis.keys("*")) {
    look("key", key);
    look("value", (await redis.dumpBuffer(key)) ?? "");
  }
  const { body } = await openSearch.search({
    index: "conversations",
    body: { size: 10_000, query: { query_string: { query: `*${text}*`, fields: ["*"], lenient: true } } },
  });
  for (const hit of body.hits.hits) look("document", JSON.stringify(hit));
  for (const QueueUrl of (await sqs.send(new ListQueuesCommand({}))).QueueUrls ?? []) {
    const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    for (const message of (await sqs.send(receive)).Messages ?? []) look("queue", JSON.stringify(message));
  }
  for (const { key, versionId } of await versions()) {
    look(`name of ${key}`, key);
    const get = new GetObjectCommand({ Bucket: outputs.bucket, Key: key, VersionId: versionId });
    const bytes = Buffer.from((await (await s3.send(get)).Body?.transformToByteArray()) ?? []);
    look(key, bytes);
    if (key.endsWith(".gz") && bytes.length > 0) look(key, gunzipSync(bytes));
  }
  return places;
}
