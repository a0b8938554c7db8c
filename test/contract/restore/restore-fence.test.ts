import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { CreateTableCommand, DeleteTableCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { BatchWriteCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createErasureLedger } from "../../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createFences } from "../../../functions/adapters/dynamodb/fences.ts";
import { createLakeDays } from "../../../functions/adapters/dynamodb/lake-days.ts";
import { createLegalHolds } from "../../../functions/adapters/dynamodb/legal-holds.ts";
import { createRestoredTable, headerNotes } from "../../../functions/adapters/dynamodb/restored-table.ts";
import { createTableStores } from "../../../functions/adapters/dynamodb/table-stores.ts";
import { createCachedPeople } from "../../../functions/adapters/lambda/cached-people.ts";
import { createRestoredIndexes } from "../../../functions/adapters/opensearch/restored-indexes.ts";
import { createSearchStore } from "../../../functions/adapters/opensearch/search-store.ts";
import {
  createLakeRowFiles,
  createParquetFiles,
} from "../../../functions/adapters/parquet/lake-row-files.ts";
import {
  createLakeRowRemoval,
  createMessageRowRemoval,
} from "../../../functions/adapters/parquet/row-removal.ts";
import { createLakeObjects } from "../../../functions/adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../../functions/adapters/s3/lake-versions.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { NOTHING_HELD } from "../../../functions/core/domain/erasure.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import type { UserRow } from "../../../functions/core/domain/user-tables.ts";
import { peopleInObject } from "../../../functions/core/use-cases/people-in-object.ts";
import { fenceRestored, type RestoreFenceDeps } from "../../../functions/core/use-cases/restore-fence.ts";
import {
  fenceRestoredBucket,
  type RestoredBucketDeps,
} from "../../../functions/core/use-cases/restore-fence-bucket.ts";
import { trainingPerson } from "../../../functions/core/use-cases/training-record.ts";
import { aLakeRow } from "../../support/parquet/rows.ts";
import { openStage, type TestStage } from "../../support/stage.ts";
import { parquetOf } from "../queries/lake-tables.ts";

const NAME = `restored-${process.pid}`;
const keys = new KeyChain({ k1: `a key of this run only, long enough: ${NAME}` });
/** Erased; erased and back; never erased, and their ids begin alike. */
const [GONE, BACK, STAYS, ALIKE] = ["1", "2", "3", "12"].map((nth) => `web:${NAME}-${nth}`) as [
  string,
  string,
  string,
  string,
];
const CANARY = `canary-${createHash("sha256").update(NAME).digest("hex")}`;

/** What a backup of before the erasures holds, and what was written since by who came back. */
const ROWS = [
  { user_id: GONE, generation: 1 },
  { user_id: BACK, generation: 1 },
  { user_id: BACK, generation: 2 },
  { user_id: STAYS, generation: 1 },
  { user_id: ALIKE, generation: 1 },
].sort((a, b) => (a.user_id < b.user_id ? -1 : 1));
const KEPT = ROWS.filter(
  ({ user_id, generation }) => user_id !== GONE && !(user_id === BACK && generation === 1),
);
const named = (rows: readonly { readonly user_id?: unknown; readonly generation?: unknown }[]) =>
  rows.map(({ user_id, generation }) => `${user_id} ${Number(generation)}`).sort();

let stage: TestStage;
let deps: RestoreFenceDeps;
const tables = (name: string): string => stage.outputs.tables[name] ?? name;

beforeAll(async () => {
  stage = await openStage();
  const { documents: client } = stage;
  const ledger = tables("erasure-ledger");
  deps = {
    ledger: createErasureLedger({ client, table: ledger }),
    days: createLakeDays({ client, tables: { days: tables("lake-days"), ledger }, clock: systemClock }),
    keys,
    holds: createLegalHolds({ client, table: ledger }),
  };
  const fences = createFences({ client, table: ledger });
  for (const user of [GONE, BACK])
    await fences.fence({
      tags: keys.tags(user),
      tag: keys.tag(user),
      requestId: `er-20260101T000000-${createHash("sha256").update(user).digest("hex").slice(0, 12)}`,
      at: new Date().toISOString(),
    });
});
afterAll(() => stage?.close());

async function restoreTable(
  TableName: string,
  hash: string,
  range: string,
  items: readonly Record<string, unknown>[],
): Promise<void> {
  await stage.dynamoDb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: hash, KeyType: "HASH" },
        { AttributeName: range, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [hash, range, "user_id", "created_at"]
        .filter((name, index, all) => all.indexOf(name) === index)
        .filter((name) => [hash, range].includes(name) || hash === "conversation_id")
        .map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      ...(hash === "conversation_id" && {
        GlobalSecondaryIndexes: [
          {
            IndexName: "user_id-created_at-index",
            KeySchema: [
              { AttributeName: "user_id", KeyType: "HASH" },
              { AttributeName: "created_at", KeyType: "RANGE" },
            ],
            Projection: { ProjectionType: "ALL" },
          },
        ],
      }),
    }),
  );
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  await stage.documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: requests } }));
}

async function itemsOf(TableName: string): Promise<Record<string, unknown>[]> {
  const { Items: items = [] } = await stage.documents.send(new ScanCommand({ TableName }));
  return items;
}

const personalTables = () => ({
  "conversation-contexts": tables("conversation-contexts"),
  "conversation-sessions": tables("conversation-sessions"),
  conversations: tables("conversations"),
  identities: tables("identities"),
  "message-ids": tables("message-ids"),
  quarantine: tables("quarantine"),
  "user-profiles": tables("user-profiles"),
});

describe("a restored table", () => {
  it("forgets whom the stage has forgotten, and nobody else", async () => {
    const table = `${NAME}-contexts`;
    const items = ROWS.map((row, nth) => ({ ...row, timestamp: `2026#${nth}`, content: CANARY }));
    await restoreTable(table, "user_id", "timestamp", items);
    const client = stage.documents;
    const as = "conversation-contexts";
    const store = createTableStores({ client, tables: { ...personalTables(), [as]: table } })[as];
    const people = createRestoredTable({ client, table, as });
    const report = await fenceRestored({ people, store }, 2, deps);
    expect(report).toMatchObject({ people: 4, fenced: 2, remaining: NOTHING_HELD });
    expect(report.removed.items).toBe(2);
    expect(named(await itemsOf(table))).toEqual(named(KEPT));
    await stage.dynamoDb.send(new DeleteTableCommand({ TableName: table }));
  });

  it("forgets headers that no row and no index entry of the stage names", async () => {
    const table = `${NAME}-conversations`;
    const items = ROWS.map((row, nth) => ({
      ...row,
      conversation_id: `c-${nth}`,
      created_at: "2026",
      title: CANARY,
    }));
    await restoreTable(table, "conversation_id", "user_id", items);
    const client = stage.documents;
    const as = "conversations";
    const store = createTableStores({
      client,
      tables: { ...personalTables(), [as]: table },
      notes: headerNotes(client, table),
    })[as];
    const people = createRestoredTable({ client, table, as });
    const report = await fenceRestored({ people, store }, 2, deps);
    expect(report.remaining).toEqual(NOTHING_HELD);
    expect(named(await itemsOf(table))).toEqual(named(KEPT));
    await stage.dynamoDb.send(new DeleteTableCommand({ TableName: table }));
  });
});

it("a restored index forgets whom the stage has forgotten, and nobody else", async () => {
  const index = `${NAME}-2026-01`;
  const { openSearch: client } = stage;
  await client.indices.create({
    index,
    body: {
      mappings: { properties: { user_id: { type: "keyword" }, generation: { type: "long" } } },
      settings: { number_of_shards: 2, number_of_replicas: 0 },
    },
  });
  const body = ROWS.flatMap((row) => [{ index: { _index: index } }, { ...row, content: CANARY }]);
  await client.bulk({ body, refresh: true });
  const indexes = [`${NAME}-*`];
  const report = await fenceRestored(
    { people: createRestoredIndexes({ client, indexes }), store: createSearchStore(client, indexes) },
    2,
    deps,
  );
  expect(report).toMatchObject({ people: 4, fenced: 2, remaining: NOTHING_HELD });
  const left = await client.search({ index, body: { size: 100 } });
  expect(named(left.body.hits.hits.map(({ _source }) => _source ?? {}))).toEqual(named(KEPT));
  await client.indices.delete({ index });
});

it("a restored cache forgets whom the stage has forgotten, and nobody else", async () => {
  const { redis } = stage;
  const session = (user: string) => `session:{${keys.tag(user)}}`;
  for (const user of [GONE, STAYS, ALIKE])
    await redis.hset(session(user), { generation: 1, summary: CANARY });
  await redis.hset(session(BACK), { generation: 2, summary: "after" });
  await redis.zadd(`context:{${keys.tag(GONE)}}`, 1, CANARY);
  const cache = createCachedPeople({
    client: stage.lambda,
    functionName: stage.outputs.functions["access-cache"] ?? "",
  });
  const report = await fenceRestored({ people: cache, store: cache }, 2, deps);
  expect(report.remaining).toEqual(NOTHING_HELD);
  expect(report.removed.items).toBeGreaterThanOrEqual(2);
  const left = await Promise.all([GONE, BACK, STAYS, ALIKE].map((user) => redis.exists(session(user))));
  expect(left).toEqual([0, 1, 1, 1]);
  expect(await redis.exists(`context:{${keys.tag(GONE)}}`)).toBe(0);
  await redis.del(...[BACK, STAYS, ALIKE].map(session));
});

describe("a restored bucket", () => {
  const Bucket = NAME;
  const DAY = "year=2026/month=05/day=04";
  const LAKE = `conversations/${DAY}/conversations.parquet`;
  const LOG = `logs/${DAY}/interactions.jsonl.gz`;

  const put = (Key: string, Body: Uint8Array | string) =>
    stage.s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  async function bytesOf(Key: string, VersionId?: string): Promise<Uint8Array> {
    const { Body } = await stage.s3.send(
      new GetObjectCommand({ Bucket, Key, ...(VersionId && { VersionId }) }),
    );
    return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
  }
  async function versions() {
    const { Versions = [], DeleteMarkers = [] } = await stage.s3.send(
      new ListObjectVersionsCommand({ Bucket }),
    );
    return [...Versions, ...DeleteMarkers];
  }
  const bucketDeps = (owned: readonly string[]): RestoredBucketDeps => {
    const restored = { client: stage.s3, bucket: Bucket };
    const messages = createLakeRowFiles("hyparquet");
    return {
      ...deps,
      keys,
      objects: createLakeObjects(restored),
      versions: createLakeVersions(restored),
      rows: createMessageRowRemoval(),
      userRows: ({ schema }) => createLakeRowRemoval<UserRow>(schema),
      peopleIn: (key, file) =>
        peopleInObject(key, file, {
          messages,
          userRows: ({ schema }) => createParquetFiles<UserRow>(schema, "hyparquet"),
        }),
      async *ownedKeys() {
        yield* owned;
      },
    };
  };

  beforeAll(async () => {
    await stage.s3.send(new CreateBucketCommand({ Bucket }));
    await stage.s3.send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }),
    );
  });

  it("forgets whom the stage has forgotten in every folder and version, and nobody else", async () => {
    const rows = ROWS.map(({ user_id, generation }) =>
      aLakeRow({ user_id, generation: BigInt(generation), content: `${CANARY} ${generation}` }),
    );
    await put(LAKE, await parquetOf(MESSAGES, "hyparquet", rows.slice(0, 2)));
    await put(LAKE, await parquetOf(MESSAGES, "hyparquet", rows));
    const record = ({ user_id, generation }: (typeof ROWS)[number]) =>
      `${JSON.stringify({ user_id: trainingPerson(user_id, keys), generation, question: [] })}\n`;
    await put(LOG, gzipSync(ROWS.map(record).join("")));
    for (const key of ["media/images/a.jpg", "media/images/b.jpg"]) await put(key, CANARY);
    const report = await fenceRestoredBucket(2, bucketDeps(["media/images/b.jpg"]));
    expect(report).toMatchObject({ fenced: 2, remaining: NOTHING_HELD, unresolved: 0 });
    expect(report.removed.rows).toBe(4);

    const left = await versions();
    expect(left.map(({ Key }) => Key).sort()).toEqual([LAKE, LOG, "media/images/b.jpg"].sort());
    for (const { Key = "", VersionId } of left) {
      const raw = Buffer.from(await bytesOf(Key, VersionId));
      for (const trace of [GONE, trainingPerson(GONE, keys)])
        expect((Key === LOG ? gunzipSync(raw) : raw).includes(`${trace}"`), Key).toBe(false);
    }
    const lake = createLakeObjects({ client: stage.s3, bucket: Bucket });
    const version = await lake.head(LAKE);
    const kept: { user_id: string; generation: bigint }[] = [];
    if (version)
      for await (const row of createLakeRowFiles("hyparquet").read(lake.open(LAKE, version))) kept.push(row);
    expect(named(kept)).toEqual(named(KEPT));
    const lines = gunzipSync(await bytesOf(LOG))
      .toString()
      .trim()
      .split("\n");
    expect(named(lines.map((line) => JSON.parse(line)))).toEqual(
      named(KEPT.map(({ user_id, generation }) => ({ user_id: trainingPerson(user_id, keys), generation }))),
    );
  });

  it("says whom of its training logs it cannot name", async () => {
    const record = { user_id: trainingPerson("web:nobody-else", keys), generation: 1 };
    await put(
      `logs/${DAY.replace("04", "05")}/interactions.jsonl.gz`,
      gzipSync(`${JSON.stringify(record)}\n`),
    );
    expect(await fenceRestoredBucket(2, bucketDeps(["media/images/b.jpg"]))).toMatchObject({ unresolved: 1 });
  });

  it("is refused with copies in it that are not restored", async () => {
    await put("backups/dynamodb/a.json.gz", CANARY);
    await expect(fenceRestoredBucket(2, bucketDeps([]))).rejects.toThrow(/backups\//);
  });
});
