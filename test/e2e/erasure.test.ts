import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { ListObjectVersionsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { paginateGetExecutionHistory, paginateListExecutions } from "@aws-sdk/client-sfn";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createIdentities } from "../../functions/adapters/dynamodb/identities.ts";
import { createLakePeople } from "../../functions/adapters/dynamodb/lake-people.ts";
import { contextKey, sessionKey } from "../../functions/adapters/redis/keys.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import type { StoreCounts } from "../../functions/core/domain/erasure.ts";
import { partitionPath } from "../../functions/core/domain/lake-keys.ts";
import { trainingPerson } from "../../functions/core/use-cases/training-record.ts";
import { drawEmptyDays } from "../support/days.ts";
import { hilo, hiloJson } from "../support/hilo.ts";
import { Lake } from "../support/lake.ts";
import { ago, anEvent, Pipeline, somebody } from "../support/pipeline.ts";

let pipeline: Pipeline;
let lake: Lake;
let folder: string;

/** A day on which nobody had written. */
let day = "";
/** They begin alike, so that they lie in one row group, and a prefix of one is not one of the other. */
const person = somebody("whatsapp");
const bystander = `${person}4`;
const alias = somebody("telegram");
const stranger = somebody();
const CANARY = `canario-${person.slice(-12)}`;
const media = `media/images/2026/11/20/${person.slice(-12)}.jpg`;

const exchange = (user: string, text: string) => [
  anEvent(user, "u0", {
    timestamp: `${day}T10:00:00.000Z`,
    first_received_at: ago(600),
    content: `¿${text}?`,
  }),
  anEvent(user, "a0", {
    timestamp: `${day}T10:00:02.500Z`,
    first_received_at: ago(600),
    role: "assistant",
    content: `sí, ${text}`,
    ai_model_used: "gpt-4o-mini",
  }),
];

/** An erasure as `hilo erase … --json` tells of it. */
interface Erasure {
  readonly id: string;
  readonly status: string;
  readonly stores: Readonly<Record<string, StoreCounts & { readonly status?: string }>>;
  readonly receipts: readonly {
    readonly stores: Readonly<Record<string, Record<"before" | "removed" | "after", StoreCounts>>>;
  }[];
}

beforeAll(async () => {
  pipeline = await Pipeline.open();
  lake = new Lake(pipeline);
  [day = ""] = await drawEmptyDays(pipeline, 1);
  folder = mkdtempSync(join(tmpdir(), "hilo-receipts-"));
  await pipeline.deliver([...exchange(person, CANARY), ...exchange(bystander, "vecino")]);
  await pipeline.storeOnly(exchange(alias, CANARY));
  await pipeline.contextOf(person);
  await pipeline.contextOf(bystander);
  await writeDirectly();
  await invoke("export-day", { day, object: 0, objects: 1, source: "index" });
}, 300_000);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await pipeline.close();
});

async function invoke(name: string, input: unknown): Promise<void> {
  const { lambda, outputs } = pipeline.stage;
  const FunctionName = outputs.functions[name];
  const { FunctionError: failed, Payload: payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(input) }),
  );
  if (failed) throw new Error(payload?.transformToString());
}

/** What later parts of the product will write. */
async function writeDirectly(): Promise<void> {
  const { documents: client, s3, outputs } = pipeline.stage;
  const identities = createIdentities({ client, table: lake.table("identities") });
  for (const one of [person, alias])
    await identities.link({ alias: one, person_id: `person_${CANARY}`, valid_from: ago(86_400) });
  const state = { generation: 1, content: CANARY };
  await lake.put("conversation-sessions", { user_id: person, session_id: "s-1", ...state });
  await lake.put("quarantine", { user_id: person, received: `${ago(500)}#1`, body: CANARY, generation: 1 });
  const people = createLakePeople({ client, table: lake.table("user-objects"), clock: systemClock });
  await people.add(media, [{ user_id: person, generation: 1 }]);
  for (const Body of ["first version", "second version"])
    await s3.send(new PutObjectCommand({ Bucket: outputs.bucket, Key: media, Body }));
}

const erase = async (...users: string[]): Promise<{ plan: Erasure; done: Erasure }> => {
  const plan = await hiloJson<Erasure>("erase", "plan", ...users);
  const done = await hiloJson<Erasure>("erase", "start", plan.id, "--approve", "--receipts", folder);
  return { plan, done };
};

/** Versions and delete markers of the objects whose keys begin so. */
async function versionsOf(prefix: string): Promise<string[]> {
  const { s3, outputs } = pipeline.stage;
  const { Versions: versions = [], DeleteMarkers: markers = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: outputs.bucket, Prefix: prefix }),
  );
  return [...versions, ...markers].map(({ Key: key = "" }) => key);
}

/** Everything that is held about somebody, read from outside: nobody's code is asked. */
async function heldOf(user: string) {
  const { redis } = pipeline.stage;
  const tag = pipeline.keys.tag(user);
  const tables = [
    "conversation-contexts",
    "message-ids",
    "user-profiles",
    "conversation-sessions",
    "quarantine",
    "user-objects",
  ];
  const items = await Promise.all(tables.map((table) => pipeline.itemsOf(table, user)));
  const header = new GetCommand({
    TableName: lake.table("conversations"),
    Key: { conversation_id: anEvent(user, "any").session_id, user_id: user },
  });
  const { Item: conversation } = await pipeline.stage.documents.send(header);
  const logged = trainingPerson(user, pipeline.keys);
  return {
    keys: await redis.exists(contextKey(tag), sessionKey(tag)),
    items: items.flat().length,
    conversations: conversation === undefined ? 0 : 1,
    documents: (await pipeline.documentsOf(user)).length,
    rows: (await lake.rowsOf(day)).filter(({ user_id }) => user_id === user).length,
    records: (await lake.trainingLog(day)).filter((record) => JSON.stringify(record).includes(logged)).length,
  };
}
const NOTHING = { keys: 0, items: 0, conversations: 0, documents: 0, rows: 0, records: 0 };

/** Texts that executions and functions leave behind. */
async function leftovers(): Promise<string> {
  const { stepFunctions: client, aws, outputs } = pipeline.stage;
  const texts: string[] = [];
  for (const machine of ["erasure-plan", "user-erasure"]) {
    const stateMachineArn = outputs.stateMachines[machine];
    for await (const { executions = [] } of paginateListExecutions({ client }, { stateMachineArn })) {
      for (const { executionArn, name } of executions) {
        texts.push(name ?? "");
        for await (const page of paginateGetExecutionHistory({ client }, { executionArn }))
          texts.push(JSON.stringify(page.events));
      }
    }
  }
  const logs = new CloudWatchLogsClient(aws);
  for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
    for (const { logGroupName } of logGroups)
      for await (const { events = [] } of paginateFilterLogEvents({ client: logs }, { logGroupName }))
        texts.push(...events.map(({ message = "" }) => message));
  }
  logs.destroy();
  return texts.join("\n");
}

let before: Awaited<ReturnType<typeof heldOf>>;

it("an execution erases a person under all ids everywhere, proves it, and leaves the others as they were", async () => {
  expect(await heldOf(person)).toMatchObject({ keys: 2, conversations: 1, documents: 2, rows: 2 });
  before = await heldOf(bystander);
  const others = (await lake.rowsOf(day)).filter(({ user_id }) => user_id === bystander);

  const { plan, done } = await erase(person);
  expect(plan.stores["conversation-contexts"]?.items).toBe(4);
  expect(plan.stores["lake"]).toMatchObject({ rows: 4 });
  expect(plan.stores["media"]).toMatchObject({ objects: 1, versions: 2 });
  expect(plan.stores["identities"]?.items).toBeGreaterThan(0);
  expect(done.status).toBe("completed");
  expect(new Set(Object.values(done.stores).map(({ status }) => status))).toEqual(new Set(["verified"]));

  for (const user of [person, alias]) expect(await heldOf(user), user).toEqual(NOTHING);
  expect(await heldOf(bystander)).toEqual(before);
  expect((await lake.rowsOf(day)).filter(({ user_id }) => user_id === bystander)).toEqual(others);
  expect(await versionsOf(media)).toEqual([]);
  // One version each of the day and of its log: what was replaced is gone.
  for (const place of [`conversations/${partitionPath(day)}/`, `logs/${partitionPath(day)}/`])
    expect(await versionsOf(place)).toHaveLength(1);
  expect(Buffer.from(await lake.read(lake.keyOf(day))).includes(CANARY)).toBe(false);

  const [receipt, ...more] = done.receipts;
  expect(more).toEqual([]);
  for (const [store, counts] of Object.entries(receipt?.stores ?? {})) {
    expect(counts.removed, store).toEqual(counts.before);
    expect({ ...counts.after, bytes: 0 }, store).toEqual({
      items: 0,
      objects: 0,
      versions: 0,
      rows: 0,
      bytes: 0,
    });
  }
  expect(receipt?.stores["conversation-contexts"]?.before.items).toBe(4);
}, 300_000);

it("the receipt says what was signed, and one changed digit breaks it", async () => {
  const [file = ""] = readdirSync(folder);
  const path = join(folder, file);
  expect((await hilo("erase", "verify", path)).code).toBe(0);
  const text = readFileSync(path, "utf8");
  for (const id of [person, alias, CANARY]) expect(text).not.toContain(id);
  writeFileSync(
    path,
    text.replace(/"items":(\d)/, (_, digit) => `"items":${(Number(digit) + 1) % 10}`),
  );
  expect((await hilo("erase", "verify", path)).code).toBe(1);
});

it("names nobody in names, histories and logs", async () => {
  const texts = await leftovers();
  expect(texts.length).toBeGreaterThan(1_000);
  for (const secret of [person, alias, person.slice("whatsapp:".length), CANARY])
    expect(texts.includes(secret)).toBe(false);
});

it("erasing again, and somebody never seen, completes with nothing to remove", async () => {
  const { done } = await erase(person, stranger);
  expect(done.status).toBe("completed");
  expect(done.receipts).toHaveLength(2);
  for (const { stores } of done.receipts)
    for (const [store, { before: had, removed }] of Object.entries(stores))
      expect([had.items + had.objects + had.rows, removed.items + removed.rows], store).toEqual([0, 0]);
  expect(await heldOf(bystander)).toEqual(before);
}, 300_000);

it("a store that refuses keeps the request open and says why; mended, it goes on with the counts of before", async () => {
  const { openSearch } = pipeline.stage;
  const user = somebody();
  await pipeline.deliver(exchange(user, "hola"));
  const plan = await hiloJson<Erasure>("erase", "plan", user);
  // A month in which an id is not taken literally: nobody is found there, whoever is.
  const index = `restored-${user.slice(-12)}`;
  const mappings = { properties: { user_id: { type: "text" as const } } };
  await openSearch.indices.create({ index, body: { mappings, aliases: { conversations: {} } } });
  try {
    const { code, output } = await hilo("erase", "start", plan.id, "--approve", "--json");
    expect(code).toBe(1);
    const failed = JSON.parse(output) as Erasure;
    expect(failed.status).toBe("failed");
    expect(failed.stores["search"]).toMatchObject({
      status: "failed",
      error: expect.stringContaining("user_id is of type text"),
    });
    expect(failed.stores["conversation-contexts"]?.status).toBe("verified");
    expect(failed.receipts).toEqual([]);
    expect(await pipeline.itemsOf("conversation-contexts", user)).toEqual([]);
  } finally {
    await openSearch.indices.delete({ index });
  }
  expect(await pipeline.documentsOf(user)).toHaveLength(2);
  const done = await hiloJson<Erasure>("erase", "start", plan.id);
  expect(done.status).toBe("completed");
  expect(done.receipts[0]?.stores["conversation-contexts"]?.before.items).toBe(2);
  expect(done.receipts[0]?.stores["search"]).toMatchObject({ before: { items: 2 }, removed: { items: 2 } });
  expect(await pipeline.documentsOf(user)).toEqual([]);
}, 300_000);

it("whoever writes again is stored at once, and nothing of before comes back", async () => {
  await pipeline.deliverPastWindow([
    ...exchange(person, CANARY),
    anEvent(person, "back", { timestamp: ago(0), content: "hola otra vez" }),
  ]);
  const messages = await pipeline.itemsOf("conversation-contexts", person);
  expect(messages.map(({ message_id, generation }) => [message_id, generation])).toEqual([["back", 3]]);
  expect(await pipeline.documentsOf(person)).toHaveLength(1);
  expect((await pipeline.contextOf(person)).messages.map(({ message_id }) => message_id)).toEqual(["back"]);
}, 300_000);
