import { randomUUID } from "node:crypto";
import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { DeleteObjectCommand, GetObjectCommand } from "@aws-sdk/client-s3";
import {
  DeleteCommand,
  QueryCommand as DocumentQueryCommand,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
} from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDayRowSource } from "../../../functions/adapters/dynamodb/day-rows.ts";
import { fenceSequenceRaise } from "../../../functions/adapters/dynamodb/fence-sequence.ts";
import { DAY_INDEX, rowItem } from "../../../functions/adapters/dynamodb/row-item.ts";
import {
  createLakeRowFiles,
  createParquetFiles,
} from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createLakeObjects } from "../../../functions/adapters/s3/lake-objects.ts";
import { createStagedFiles } from "../../../functions/adapters/s3/staged-files.ts";
import { loadKeyChain } from "../../../functions/adapters/secrets/load-key-chain.ts";
import { dayAfter, dayBefore } from "../../../functions/core/domain/day.ts";
import { lakeObjectKey } from "../../../functions/core/domain/lake-keys.ts";
import { compareLakeKeys } from "../../../functions/core/domain/lake-order.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import { SHARDS } from "../../../functions/core/domain/shard.ts";
import { USER_BEHAVIOR, USER_PATTERNS, type UserTable } from "../../../functions/core/domain/user-tables.ts";
import type { LakeRowSource } from "../../../functions/core/ports/lake-row-source.ts";
import { createStagedRowSource } from "../../../functions/core/use-cases/publish-staged-rows.ts";
import { aStoredMessage, later } from "../../support/builders.ts";
import { collect, exactRow } from "../../support/parquet/rows.ts";
import { INSTALLATION, installedSpark, JOB } from "../../support/spark.ts";
import { openStage } from "../../support/stage.ts";
import { lakeFunctions } from "./lake-functions.ts";
import { type RawItem, writeTableExport } from "./table-export.ts";

// A day of years that nothing else here has, and a later one each time: of an earlier one no patterns are published.
const minutes = Math.floor(Date.now() / 60_000);
const DAY = new Date(Date.UTC(2000) + (minutes % 7_000) * 86_400_000).toISOString().slice(0, 10);
const stage = await openStage();
const { documents, dynamoDb, s3 } = stage;
const bucket = stage.outputs.bucket;
const objects = createLakeObjects({ client: s3, bucket });
const functions = lakeFunctions(stage);
const table = (name: string): string => stage.outputs.tables[name] ?? "";

beforeAll(async () => {
  await installedSpark();
  await removePatterns();
  for (const row of rows)
    await documents.send(
      new PutCommand({ TableName: table("conversation-contexts"), Item: rowItem(row, new Date()) }),
    );
}, INSTALLATION);
afterAll(async () => {
  await removePatterns();
  // Days that are dirty are asked for by other tests.
  const { Items = [] } = await documents.send(
    new DocumentQueryCommand({
      TableName: table("lake-days"),
      KeyConditionExpression: "#day = :day",
      ExpressionAttributeNames: { "#day": "day" },
      ExpressionAttributeValues: { ":day": DAY },
    }),
  );
  for (const { shard } of Items)
    await documents.send(new DeleteCommand({ TableName: table("lake-days"), Key: { day: DAY, shard } }));
  await stage.close();
});

/** There is one file of patterns for all days. */
async function removePatterns(): Promise<void> {
  for (const Key of [USER_PATTERNS.key(DAY), USER_PATTERNS.namedIn])
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
}

const noon = `${DAY}T12:00:00.000Z`;
const nobody = `nobody:${randomUUID().slice(0, 8)}`;
const message = (user: string, seconds: number, over: Partial<StoredMessage> = {}): StoredMessage =>
  aStoredMessage({
    user_id: `${nobody}:${user}`,
    timestamp: later(seconds * 1_000, noon),
    message_id: `m${seconds}`,
    session_id: "s",
    ...over,
  });

/** What a reader, a parser or a number might get wrong; and conversations whose figures can be told by looking. */
const rows: readonly StoredMessage[] = [
  message("a", 0, { metadata: { intent: "greeting", sentiment: "positive", sentiment_score: 0.5 } }),
  message("a", 2, { role: "assistant", tokens_used: 2 ** 53 - 1, confidence_score: 0.1 + 0.2 }),
  message("a", 10, { metadata: { intent: "refund", sentiment_score: -1 } }),
  message("a", 20, { role: "assistant", escalation_triggered: true, processing_time_ms: 0 }),
  message("a", 3_600, { metadata: { intent: "refund" }, generation: 1, revision: 4 }),
  message("b", 0, { content: "\ufeff NUL \u0000 👩‍👩‍👧‍👦 e\u0301 \u{10ffff} \u2028 \r\n \"q\" \\ 'x'" }),
  message("b", 1, { content: "ñ".repeat(50_000), confidence_score: 5e-324, position: 7 }),
  message("b", 2, {
    tool_calls: [{ tool: "t", args: { q: "🙂", "2": [1, null, 1e21] }, result: null }],
    media: { url: "s3://x", bytes: 1 },
    extra: { "": "", a: { b: false } },
    metadata: { sentiment_score: 5e-324, other: [1, 2], language: "es-MX" },
    platform_message_id: "wamid.==",
    reply_to: "m1",
  }),
  message("b", 3, { content: "", deleted: true, revision: 2, edited_at: later(86_400_000, noon) }),
  message("\uffee", 1, { timestamp: `${DAY}T00:00:00.000Z` }),
  message("\u{1f642}", 1, { timestamp: `${DAY}T23:59:59.999Z` }),
];

/** Rows of a source, shard after shard, as they come back from a file of the lake. */
async function allOf(source: LakeRowSource): Promise<LakeRow[]> {
  const shards = Array.from({ length: SHARDS }, (_, shard) => shard);
  const found: LakeRow[] = [];
  for (const stream of source.streams(DAY, shards)) {
    const inOrder = (await collect(stream)).flat();
    expect(inOrder).toEqual(inOrder.toSorted(compareLakeKeys));
    found.push(...inOrder);
  }
  return found.sort(compareLakeKeys);
}

/** Items of the day, and of the day before, as DynamoDB's own API has them. */
async function rawItems(): Promise<RawItem[]> {
  const items: RawItem[] = [];
  for (let shard = 0; shard < SHARDS; shard++) {
    const { Items = [] } = await dynamoDb.send(
      new QueryCommand({
        TableName: table("conversation-contexts"),
        IndexName: DAY_INDEX,
        KeyConditionExpression: "day_shard = :shard",
        ExpressionAttributeValues: { ":shard": { S: `${DAY}#${shard}` } },
      }),
    );
    items.push(...Items);
  }
  const other = items.map((item) => ({
    ...item,
    timestamp: { S: `${dayBefore(new Date(DAY), 1)}T23:59:59.999Z#m` },
  }));
  return [...items, ...other];
}

async function rowsIn<Row>(
  key: string,
  files: { read(file: ReturnType<typeof objects.open>): AsyncIterable<Row> },
) {
  const version = await objects.head(key);
  if (!version) throw new Error(`There is no ${key}`);
  return collect(files.read(objects.open(key, version)));
}

const peopleIn = (wanted: UserTable) =>
  rowsIn(wanted.key(DAY), createParquetFiles(wanted.schema, "hyparquet"));

describe("jobs of Glue on the local stage", { timeout: JOB }, () => {
  const files = createLakeRowFiles("hyparquet");
  const index = createDayRowSource({ client: documents, table: table("conversation-contexts") });

  it("exports from DynamoDB's own export the rows that the function exports from the index", async () => {
    const started = await functions.start("export-conversations", DAY);
    // The emulator says that it exported, and writes nothing.
    const id = started.runId.split("/").at(-1) ?? "";
    await writeTableExport(s3, { bucket, prefix: "raw-exports", id, items: await rawItems() });
    const ended = await functions.ended("export-conversations", started.runId);
    expect(ended.state).toBe("SUCCEEDED");

    const staged = createStagedRowSource({
      staged: createStagedFiles({ client: s3, bucket }),
      objects,
      files,
    });
    const fromSpark = await allOf(staged);
    const fromIndex = await allOf(index);
    expect(fromSpark).toHaveLength(rows.length);
    expect(fromSpark.map(exactRow)).toEqual(fromIndex.map(exactRow));
    expect(Date.parse((await staged.takenAt?.(DAY)) ?? "")).toBeLessThanOrEqual(Date.now());
  });

  it("publishes what it staged, and the index then has nothing to add", async () => {
    const input = { day: DAY, object: 0, objects: 1 };
    await functions.invoke("export-day", { ...input, source: "staged" });
    const published = (await rowsIn(lakeObjectKey(DAY, 0, 1), files)).map(exactRow);
    expect(await functions.invoke("export-day", { ...input, source: "index" })).toMatchObject({
      rows: rows.length,
      added: 0,
      updated: 0,
      kept: rows.length,
    });
    const exported = (await rowsIn(lakeObjectKey(DAY, 0, 1), files)).map(exactRow);
    expect(published).toEqual(exported);
  });

  it("computes and publishes what people did", async () => {
    const { runId } = await functions.start("daily-conversation-analytics", DAY);
    expect((await functions.ended("daily-conversation-analytics", runId)).state).toBe("SUCCEEDED");
    expect(await functions.invoke("publish-staged", { day: DAY })).toMatchObject([
      { table: "user_behavior", status: "published", rows: 4, fenced: 0 },
      { table: "user_patterns", status: "published", rows: 4, fenced: 0 },
    ]);
    const [first, ...others] = await peopleIn(USER_BEHAVIOR);
    expect(others).toHaveLength(3);
    expect(first).toMatchObject({
      user_id: `${nobody}:a`,
      date: Date.parse(DAY) / 86_400_000,
      messages: 5n,
      user_messages: 3n,
      assistant_messages: 2n,
      sessions: 1n,
      active_hours: 2n,
      intents: '{"greeting":1,"refund":2}',
      sentiment_messages: 2n,
      mean_sentiment: -0.25,
      escalations: 1n,
      answered: 2n,
      response_ms_mean: 6_000,
      response_ms_p50: 2_000n,
      response_ms_p95: 10_000n,
      generation: 1n,
    });
    expect((await peopleIn(USER_PATTERNS))[0]).toMatchObject({
      user_id: `${nobody}:a`,
      top_intent: "refund",
      busiest_hour: 12n,
      active_days: 1n,
    });
    const listing = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: USER_PATTERNS.namedIn }));
    expect(await listing.Body?.transformToString()).toBe(
      `s3://${bucket}/analytics/user_behavior/aggregated_patterns.parquet\n`,
    );
  });

  it("says which files hold whom", async () => {
    for (const wanted of [USER_BEHAVIOR, USER_PATTERNS]) {
      const key = { user_id: `${nobody}:a`, object: wanted.key(DAY) };
      const { Item: item } = await documents.send(
        new GetCommand({ TableName: table("user-objects"), Key: key }),
      );
      expect(item).toMatchObject({ generation: 1 });
    }
  });

  it("leaves out whom Spark still read and who was erased since", async () => {
    const keys = await loadKeyChain(stage.secrets, stage.outputs.keySecret);
    const ledger = table("erasure-ledger");
    const Item = { tag: keys.tag(`${nobody}:b`), generation: 1, fenced_at: new Date().toISOString() };
    await documents.send(
      new TransactWriteCommand({
        TransactItems: [fenceSequenceRaise(ledger), { Put: { TableName: ledger, Item } }],
      }),
    );
    expect(await functions.invoke("publish-staged", { day: DAY })).toMatchObject([
      { status: "published", rows: 3, fenced: 1 },
      { status: "published", rows: 3, fenced: 1 },
    ]);
    const people = (await peopleIn(USER_BEHAVIOR)).map((row) => row["user_id"]);
    expect(people).not.toContain(`${nobody}:b`);
    expect(people).toHaveLength(3);
  });

  it("says that a job failed", async () => {
    const started = await functions.start("export-conversations", dayAfter(DAY));
    // Days that are exported together share one export, and of this one somebody lost the summary.
    const id = started.runId.split("/").at(-1) ?? "";
    const Key = `raw-exports/AWSDynamoDB/${id}/manifest-summary.json`;
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    expect((await functions.ended("export-conversations", started.runId)).state).toBe("FAILED");
  });
});
