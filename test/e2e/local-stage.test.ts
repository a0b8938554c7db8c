import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  type DynamoDBClient,
  paginateScan,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endpointsOf } from "../../local/config.ts";
import { findStageProcesses, isRunning } from "../../local/processes.ts";
import { readRunFile } from "../../local/run-file.ts";
import { connectEngines, type TestEngines } from "../support/stage.ts";
import { type InstanceEnvironment, instanceConfig, isolatedInstance } from "../support/test-instance.ts";

const TABLE = "kept-rows";
const QUEUE = "kept-messages.fifo";
const BUCKET = "kept-objects";

// An instance of its own, beside the one that the other tests run on: it is killed and wiped here.
let instance: InstanceEnvironment;
const config = () => instanceConfig(instance);

beforeAll(async () => {
  instance = await isolatedInstance("test-stage");
  await hilo("down", "--wipe");
});

afterAll(async () => {
  await hilo("down", "--wipe");
});

describe("the local stage", () => {
  it("says in one line which port is taken, by whom, and how to choose another", async () => {
    const stranger = createServer().listen({ port: config().ports.redis, host: "127.0.0.1" });
    await once(stranger, "listening");
    const { code, output } = await hilo("up", "--engines");
    stranger.close();
    expect(code).toBe(1);
    const lines = output.split("\n").filter((line) => line.includes(`Port ${config().ports.redis}`));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`process ${process.pid} `);
    expect(lines[0]).toContain("HILO_REDIS_PORT");
    expect(findStageProcesses(config().folder)).toEqual([]);
  });

  it("keeps what was acknowledged through a stop and through a kill of every engine", async () => {
    expect(await hilo("up", "--engines")).toMatchObject({ code: 0 });
    const first = await withEngines(async (engines) => {
      await prepareStores(engines);
      return writeSome(engines, "stopped", 3);
    });
    expect(await hilo("down")).toMatchObject({ code: 0 });
    expect(findStageProcesses(config().folder)).toEqual([]);

    expect(await hilo("up", "--engines")).toMatchObject({ code: 0 });
    const second = await withEngines(async (engines) => {
      await expectAll(engines, [...first]);
      const written = await writeSome(engines, "killed", 25);
      for (const pid of Object.values(readRunFile(config())?.engines ?? {})) process.kill(pid, "SIGKILL");
      return written;
    });
    // What a kill in the middle of a write leaves at the end of a journal was never acknowledged.
    appendFileSync(join(config().folder, "data", "ministack", "state", "dynamodb.journal"), '[["000');
    const status = await hilo("status", "--json");
    expect(status.code).toBe(3);
    expect(JSON.parse(status.output)).toMatchObject({ stage: "local", ready: false });

    expect(await hilo("up", "--engines")).toMatchObject({ code: 0 });
    await withEngines((engines) => expectAll(engines, [...first, ...second]));
  });

  it("ends its engines when the process that started them is killed, and starts again", async () => {
    const run = readRunFile(config());
    if (!run) throw new Error("the stage is not up");
    process.kill(run.supervisor, "SIGKILL");
    await expect
      .poll(() => Object.values(run.engines).filter(isRunning), { timeout: 15_000, interval: 200 })
      .toEqual([]);
    expect(await hilo("up", "--engines")).toMatchObject({ code: 0 });
  });

  it("forgets everything with --wipe", async () => {
    expect(await hilo("down", "--wipe")).toMatchObject({ code: 0 });
    expect(await hilo("up", "--engines")).toMatchObject({ code: 0 });
    await withEngines(async ({ dynamoDb, redis, openSearch }) => {
      await expect(rowIds(dynamoDb)).rejects.toThrow(/not found/);
      expect(await redis.dbsize()).toBe(0);
      expect((await openSearch.indices.exists({ index: TABLE })).body).toBe(false);
    });
    await hilo("down");
  });

  it.each([0, 1_500, 3_000])(
    "leaves nothing running when interrupted after %i ms of its start",
    async (delay) => {
      const start = spawn(process.execPath, ["local/bootstrap.mjs", "start", "--engines"], {
        cwd: config().root,
        env: { ...process.env, ...instance },
        stdio: "ignore",
      });
      await sleep(delay);
      start.kill("SIGINT");
      const [code] = await once(start, "exit");
      // Without a code, the signal ended it before it had started anything.
      expect([0, 130, null]).toContain(code);
      expect(findStageProcesses(config().folder)).toEqual([]);
    },
  );
});

function hilo(...args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const options = { cwd: config().root, env: { ...process.env, ...instance } };
    execFile(process.execPath, ["cli/hilo.mjs", ...args], options, (error, stdout, stderr) =>
      resolve({
        code: typeof error?.code === "number" ? error.code : error ? 1 : 0,
        output: `${stdout}${stderr}`,
      }),
    );
  });
}

async function withEngines<T>(work: (engines: TestEngines) => Promise<T>): Promise<T> {
  const engines = connectEngines(endpointsOf(config().ports));
  try {
    return await work(engines);
  } finally {
    await engines.close();
  }
}

async function prepareStores({ dynamoDb, sqs, s3 }: TestEngines): Promise<void> {
  await dynamoDb.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
  await sqs.send(new CreateQueueCommand({ QueueName: QUEUE, Attributes: { FifoQueue: "true" } }));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
}

/** Writes to every store until each has acknowledged; returns the ids. */
async function writeSome(engines: TestEngines, prefix: string, count: number): Promise<string[]> {
  const { dynamoDb, sqs, s3, redis, openSearch } = engines;
  const ids = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  for (const id of ids) {
    const Put = { TableName: TABLE, Item: { id: { S: id } } };
    await dynamoDb.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }));
    const Entries = [{ Id: "0", MessageBody: id, MessageGroupId: id, MessageDeduplicationId: id }];
    await sqs.send(new SendMessageBatchCommand({ QueueUrl: QUEUE, Entries }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: id, Body: id }));
    await redis.set(id, id);
    await openSearch.index({ index: TABLE, id, body: { id } });
  }
  return ids;
}

/** Reads every store from outside and expects exactly these ids. */
async function expectAll(engines: TestEngines, ids: readonly string[]): Promise<void> {
  const { dynamoDb, s3, redis, openSearch } = engines;
  const sorted = [...ids].sort();
  expect(await rowIds(dynamoDb)).toEqual(sorted);
  expect(await queuedIds(engines, ids.length)).toEqual(sorted);
  expect(await redis.mget(...ids)).toEqual(ids);
  for (const id of ids) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: id }));
    expect(await Body?.transformToString()).toBe(id);
    expect((await openSearch.get({ index: TABLE, id })).body.found).toBe(true);
  }
}

async function rowIds(client: DynamoDBClient): Promise<string[]> {
  const ids: string[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: TABLE }))
    ids.push(...Items.map(({ id }) => id?.S ?? ""));
  return ids.sort();
}

/** Receives without deleting; a restart makes what is in flight visible again. */
async function queuedIds({ sqs }: TestEngines, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let round = 0; ids.length < count && round < count; round++) {
    const options = { QueueUrl: QUEUE, MaxNumberOfMessages: 10, VisibilityTimeout: 600 };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(options));
    ids.push(...Messages.map(({ Body }) => Body ?? ""));
  }
  return ids.sort();
}
