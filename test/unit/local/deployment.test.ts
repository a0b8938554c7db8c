import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isComplete, parseOutputs } from "../../../cli/stage-outputs.ts";
import { readLocalConfig } from "../../../local/config.ts";
import { fingerprintSources } from "../../../local/source-fingerprint.ts";
import { findExpiringTables } from "../../../local/time-to-live.ts";

const outputs = new Map(
  Object.entries({
    TableConversationContexts: "hilo-local-conversation-contexts",
    StateMachineMessagePipeline:
      "arn:aws:states:us-east-1:000000000000:stateMachine:hilo-local-message-pipeline",
    FunctionStoreToDynamoDB: "hilo-local-store-to-dynamodb",
    FunctionIndexToOpenSearch: "hilo-local-index-to-opensearch",
    Bucket: "hilo-local-data",
    Queue: "hilo-local-queue.fifo",
    QueueUrl: "http://127.0.0.1:4566/000000000000/hilo-local-queue.fifo",
    DeadLetterQueue: "hilo-local-dead.fifo",
    DeadLetterQueueUrl: "http://127.0.0.1:4566/000000000000/hilo-local-dead.fifo",
    RefreshCacheQueueUrl: "u1",
    RepairIndexQueueUrl: "u2",
    RefreshCacheDeadLetterQueueUrl: "u3",
    RepairIndexDeadLetterQueueUrl: "u4",
    KeySecret: "arn:s",
    RedisUrl: "redis://127.0.0.1:6379",
    OpenSearchUrl: "http://127.0.0.1:9200",
  }),
);

describe("the outputs of a stage", () => {
  it("become names by logical name", () => {
    const parsed = parseOutputs("local", outputs);
    expect(parsed.tables).toEqual({ "conversation-contexts": "hilo-local-conversation-contexts" });
    expect(Object.keys(parsed.stateMachines)).toEqual(["message-pipeline"]);
    expect(parsed.functions).toEqual({
      "store-to-dynamodb": "hilo-local-store-to-dynamodb",
      "index-to-opensearch": "hilo-local-index-to-opensearch",
    });
    expect(parsed.queue).toBe("hilo-local-queue.fifo");
  });

  it("that lack one name it", () => {
    const lacking = new Map([...outputs].filter(([key]) => key !== "KeySecret"));
    expect(() => parseOutputs("lean", lacking)).toThrow(/stage lean lack the output KeySecret/);
  });

  it.each([
    ["CREATE_COMPLETE", true],
    ["UPDATE_COMPLETE", true],
    ["ROLLBACK_COMPLETE", false],
    ["UPDATE_ROLLBACK_COMPLETE", false],
    ["DELETE_COMPLETE", false],
    ["CREATE_IN_PROGRESS", false],
    [undefined, false],
  ])("count as deployed in state %s: %s", (status, expected) => {
    expect(isComplete(status)).toBe(expected);
  });
});

describe("time to live", () => {
  it("is found on tables of either kind, and only where it is on", () => {
    const ttl = { TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true } };
    const template = {
      Resources: {
        Contexts: { Type: "AWS::DynamoDB::Table", Properties: ttl },
        Global: { Type: "AWS::DynamoDB::GlobalTable", Properties: ttl },
        Ledger: { Type: "AWS::DynamoDB::Table", Properties: { BillingMode: "PAY_PER_REQUEST" } },
        Wait: { Type: "AWS::CloudFormation::WaitConditionHandle" },
      },
    };
    expect(findExpiringTables(JSON.stringify(template))).toEqual([
      { logicalId: "Contexts", attribute: "ttl" },
      { logicalId: "Global", attribute: "ttl" },
    ]);
  });
});

describe("the fingerprint of a deployment", () => {
  it("is stable, and changes with the ports that are deployed", () => {
    const config = readLocalConfig({});
    const moved = readLocalConfig({ HILO_REDIS_PORT: "7000" });
    expect(fingerprintSources(config)).toBe(fingerprintSources(readLocalConfig({})));
    expect(fingerprintSources(moved)).not.toBe(fingerprintSources(config));
  });

  it("changes with each folder that the app reads", () => {
    const root = mkdtempSync(join(tmpdir(), "hilo-sources-"));
    const config = { ...readLocalConfig({}), root };
    const files = ["cdk.json", "package.json", "package-lock.json"];
    const folders = ["infra", "functions", "state-machines", "glue-jobs", "queries/schema"];
    try {
      for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
      for (const file of files) writeFileSync(join(root, file), "{}");
      const seen = new Set([fingerprintSources(config)]);
      for (const folder of folders) {
        writeFileSync(join(root, folder, "file"), "changed");
        seen.add(fingerprintSources(config));
      }
      expect(seen.size).toBe(1 + folders.length);
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("changes with the settings that the app reads, and not with those of the instance", () => {
    const config = readLocalConfig({});
    const plain = fingerprintSources(config, {});
    expect(fingerprintSources(config, { HILO_LAKE_WRITER: "parquetjs" })).not.toBe(plain);
    expect(fingerprintSources(config, { HILO_STAGE: "lean", HILO_INSTANCE: "x", HILO_AWS_PORT: "1" })).toBe(
      plain,
    );
  });
});

describe("the configuration of the stage", () => {
  it("keeps each instance in a folder of its own and shares the tools", () => {
    const people = readLocalConfig({});
    const test = readLocalConfig({ HILO_INSTANCE: "test" });
    expect(people.folder).toMatch(/\.hilo\/stages\/local$/);
    expect(test.folder).toMatch(/\.hilo\/stages\/test$/);
    expect(test.toolsFolder).toBe(people.toolsFolder);
  });

  it.each(["../x", "A", "a b", "-a"])("refuses the instance name %j", (name) => {
    expect(() => readLocalConfig({ HILO_INSTANCE: name })).toThrow(/HILO_INSTANCE/);
  });
});
