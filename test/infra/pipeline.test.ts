import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { StageName } from "../../infra/config.ts";
import { asList, at, functionOf, type Json, REPOSITORY, type Resource, synthesise } from "./synthesise.ts";

const STAGE_NAMES: readonly StageName[] = ["local", "standard"];
const STAGES = new Map(STAGE_NAMES.map((name) => [name, synthesise(name)]));
const ASL: Json = JSON.parse(
  readFileSync(join(REPOSITORY, "state-machines", "message-pipeline.asl.json"), "utf8"),
);

/** Functions of the states, by state. */
const TASKS = {
  StoreInCache: "store-in-cache",
  StoreToDynamoDB: "store-to-dynamodb",
  IndexToOpenSearch: "index-to-opensearch",
  PerformAnalytics: "perform-analytics",
};

/** Seconds that a state may take: all its attempts and the longest waits between them. */
function longest(state: Json | undefined): number {
  const attempt = Number(at(state, "TimeoutSeconds"));
  return asList(at(state, "Retry")).reduce<number>((sum, retrier) => {
    const [interval, attempts, rate, most] = [
      "IntervalSeconds",
      "MaxAttempts",
      "BackoffRate",
      "MaxDelaySeconds",
    ].map((field) => Number(at(retrier, field)));
    let total = sum;
    for (let n = 0; n < (attempts ?? 0); n++) {
      total += Math.min((interval ?? 0) * (rate ?? 1) ** n, most ?? Number.POSITIVE_INFINITY) + attempt;
    }
    return total;
  }, attempt);
}

describe.each(STAGE_NAMES)("pipeline of %s", (name) => {
  const stage = STAGES.get(name);
  if (stage === undefined) throw new Error(`stage ${name} was not synthesised`);
  const lambda = (folder: string): Resource => functionOf(stage, name, folder);
  const timeout = (folder: string): number => Number(lambda(folder).properties["Timeout"]);
  const variable = (folder: string, key: string): Json | undefined =>
    at(lambda(folder).properties["Environment"], "Variables", key);
  const queue = (logical: string): Json | undefined =>
    stage
      .ofType("AWS::SQS::Queue")
      .find(({ properties }) => properties["QueueName"] === `hilo-${name}-${logical}`)?.properties;

  it("keeps the order of its timeouts: visibility = 6 × router > call > machine > sum of attempts", () => {
    const machine = Number(at(ASL, "TimeoutSeconds"));
    const attempts = Object.keys(TASKS).reduce((sum, state) => sum + longest(at(ASL, "States", state)), 0);
    const call = Number(variable("router", "WORKFLOW_CALL_TIMEOUT_MS")) / 1000;
    expect(attempts).toBeLessThan(machine);
    expect(machine).toBeLessThan(call);
    expect(call).toBeLessThan(timeout("router"));
    expect(at(queue("sqs-entrada-conversacion.fifo"), "VisibilityTimeout")).toBe(6 * timeout("router"));
  });

  it("gives each function of a state exactly its state's time", () => {
    for (const [state, folder] of Object.entries(TASKS)) {
      expect(timeout(folder), state).toBe(at(ASL, "States", state, "TimeoutSeconds"));
    }
  });

  it("runs one Express machine, traced, logged without the data that flows through it", () => {
    const machines = stage
      .ofType("AWS::StepFunctions::StateMachine")
      .filter(({ properties }) => properties["StateMachineType"] === "EXPRESS");
    expect(machines).toHaveLength(1);
    expect(machines[0]?.properties).toMatchObject({
      StateMachineName: `hilo-${name}-message-pipeline`,
      StateMachineType: "EXPRESS",
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { IncludeExecutionData: false, Level: "ALL" },
    });
    const substituted = Object.keys(machines[0]?.properties["DefinitionSubstitutions"] as object);
    expect(substituted.sort()).toEqual(
      Object.keys(TASKS)
        .map((state) => `${state}Arn`)
        .sort(),
    );
  });

  it("repairs the days before every night, in a Standard machine that no person's data flows through", () => {
    const [machine] = stage
      .ofType("AWS::StepFunctions::StateMachine")
      .filter(({ properties }) => String(properties["StateMachineName"]).endsWith("-repair-days"));
    expect(machine?.properties).toMatchObject({
      StateMachineType: "STANDARD",
      LoggingConfiguration: { IncludeExecutionData: false },
    });
    const [rule, ...more] = stage.ofType("AWS::Events::Rule").filter(({ stack }) => stack === machine?.stack);
    expect(more).toEqual([]);
    expect(rule?.properties).toMatchObject({
      State: "ENABLED",
      ScheduleExpression: expect.stringMatching(/^cron\(/),
      Targets: [{ Arn: { Ref: machine?.id }, Input: '{"daysAgo":[1,2,3]}' }],
    });
  });

  it("repairs every shard of a day, each in the time of its function", () => {
    const asl: Json = JSON.parse(
      readFileSync(join(REPOSITORY, "state-machines", "repair-days.asl.json"), "utf8"),
    );
    const day = at(asl, "States", "ForEachDay", "ItemProcessor", "States");
    expect(at(day, "ListShards", "Result")).toEqual(Array.from({ length: 16 }, (_, shard) => shard));
    const task = at(day, "ForEachShard", "ItemProcessor", "States", "RepairDay");
    expect(at(task, "TimeoutSeconds")).toBe(timeout("repair-day"));
    const call = Number(variable("repair-day", "COMPARE_CONTEXTS_TIMEOUT_MS")) / 1000;
    expect(call).toBeGreaterThan(timeout("compare-contexts"));
  });

  it("takes messages from a FIFO queue of high throughput, ten at a time, failing one by one", () => {
    expect(queue("sqs-entrada-conversacion.fifo")).toMatchObject({
      FifoQueue: true,
      DeduplicationScope: "messageGroup",
      FifoThroughputLimit: "perMessageGroupId",
      MessageRetentionPeriod: 14 * 86_400,
      RedrivePolicy: { maxReceiveCount: 120 },
    });
    const mappings = stage.ofType("AWS::Lambda::EventSourceMapping");
    expect(mappings).toHaveLength(4);
    for (const { properties } of mappings) {
      expect(properties).toMatchObject({
        BatchSize: 10,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      });
      expect(Number(at(properties["ScalingConfig"], "MaximumConcurrency"))).toBeGreaterThanOrEqual(2);
    }
  });

  it.each([
    ["refresh-cache", "refresh-cache"],
    ["repair-index", "repair-index"],
  ])("hides a message of %s six times as long as its consumer may take", (logical, folder) => {
    expect(at(queue(logical), "VisibilityTimeout")).toBe(6 * timeout(folder));
  });

  it.each(["refresh-cache", "repair-index"])("tries a repair of %s for twelve hours", (logical) => {
    const tries = Number(at(queue(logical), "RedrivePolicy", "maxReceiveCount"));
    const visibility = Number(at(queue(logical), "VisibilityTimeout"));
    expect(tries * visibility).toBeGreaterThanOrEqual(12 * 3_600);
    expect(Number(at(queue(logical), "MessageRetentionPeriod"))).toBeGreaterThan(tries * visibility);
  });

  it("drains the dead letters of the event queue, hidden six times as long as that may take", () => {
    const deadLetters = "sqs-entrada-conversacion-dlq.fifo";
    expect(at(queue(deadLetters), "VisibilityTimeout")).toBe(6 * timeout("drain-dead-letters"));
    const id = stage
      .ofType("AWS::SQS::Queue")
      .find(({ properties }) => String(properties["QueueName"]).endsWith(deadLetters))?.id;
    const drain = stage
      .ofType("AWS::Lambda::EventSourceMapping")
      .filter(({ properties }) => at(properties["EventSourceArn"], "Fn::GetAtt", 0) === id);
    expect(drain).toHaveLength(1);
    expect(at(drain[0]?.properties["FunctionName"], "Ref")).toBe(lambda("drain-dead-letters").id);
  });

  it("keeps every queue encrypted, by TLS only, and every dead letter 14 days with an alarm", () => {
    const queues = stage.ofType("AWS::SQS::Queue");
    expect(queues).toHaveLength(6);
    for (const { properties } of queues) expect(properties["KmsMasterKeyId"]).toBeDefined();
    expect(stage.ofType("AWS::SQS::QueuePolicy")).toHaveLength(6);
    const alarms = stage.ofType("AWS::CloudWatch::Alarm");
    const deadLetters = queues.filter(({ properties }) => String(properties["QueueName"]).includes("-dlq"));
    expect(deadLetters).toHaveLength(3);
    for (const { id, properties } of deadLetters) {
      expect(properties["MessageRetentionPeriod"]).toBe(14 * 86_400);
      const watching = alarms.filter((alarm) =>
        JSON.stringify(alarm.properties["Dimensions"] ?? []).includes(`"${id}"`),
      );
      expect(watching).toHaveLength(1);
      // One that is drained rings when it stays full, the others at the first letter.
      const minutes = String(properties["QueueName"]).includes("entrada") ? 15 : 1;
      expect(watching[0]?.properties).toMatchObject({ Threshold: 1, EvaluationPeriods: minutes });
    }
  });

  it("has every alarm tell the encrypted topic", () => {
    const [topic, ...more] = stage.ofType("AWS::SNS::Topic");
    expect(more).toEqual([]);
    expect(topic?.properties).toMatchObject({
      TopicName: `hilo-${name}-alarms`,
      KmsMasterKeyId: expect.anything(),
    });
    for (const { stack, properties } of stage.ofType("AWS::CloudWatch::Alarm")) {
      const [action, ...others] = asList(properties["AlarmActions"]);
      expect(others).toEqual([]);
      if (stack === topic?.stack) expect(action).toEqual({ Ref: topic.id });
      else expect(JSON.stringify(action)).toMatch(new RegExp(`:sns:.*:hilo-${name}-alarms"`));
    }
  });

  it("lets alarms, and whoever comes by TLS, publish to the topic", () => {
    const statements = stage
      .ofType("AWS::SNS::TopicPolicy")
      .flatMap(({ properties }) => asList(at(properties["PolicyDocument"], "Statement")));
    const find = (effect: string) => statements.find((statement) => at(statement, "Effect") === effect);
    expect(find("Allow")).toMatchObject({
      Action: "sns:Publish",
      Principal: { Service: "cloudwatch.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
    });
    expect(find("Deny")).toMatchObject({ Condition: { Bool: { "aws:SecureTransport": "false" } } });
    const keys = JSON.stringify(
      stage.ofType("AWS::KMS::Key").map(({ properties }) => properties["KeyPolicy"]),
    );
    expect(keys).toContain("cloudwatch.amazonaws.com");
  });

  it("watches router, workflow, queues, conflicts, quarantine and the throttles of every table", () => {
    const watched = stage
      .ofType("AWS::CloudWatch::Alarm")
      .filter(({ stack }) => stack === `hilo-${name}-pipeline`)
      .map(({ properties }) => `${properties["Namespace"]} ${properties["MetricName"]}`);
    const count = (metric: string) => watched.filter((other) => other === metric).length;
    expect(count("AWS/Lambda Errors")).toBe(1);
    expect(count("AWS/Lambda Throttles")).toBe(1);
    expect(count("AWS/States ExecutionsFailed")).toBe(2);
    expect(count("AWS/States ExecutionsTimedOut")).toBe(2);
    expect(count("Hilo RemainingDifferences")).toBe(1);
    expect(count("Hilo UncomparedShards")).toBe(1);
    expect(count("AWS/SQS ApproximateAgeOfOldestMessage")).toBe(3);
    expect(count("Hilo QuarantinedMessages")).toBe(1);
    expect(count("Hilo ConflictingMessages")).toBe(1);
    expect(count("AWS/DynamoDB UserErrors")).toBe(1);
    const tables = stage.ofType("AWS::DynamoDB::Table").length;
    expect(count("AWS/DynamoDB ReadThrottleEvents")).toBe(tables);
    expect(count("AWS/DynamoDB WriteThrottleEvents")).toBe(tables);
  });

  it("publishes the outputs that other programs read", () => {
    const expected = [
      "TableConversationContexts",
      "TableMessageIds",
      "TableUserProfiles",
      "TableConversations",
      "TableQuarantine",
      "TableConversationSessions",
      "TableErasureLedger",
      "TableErasureSubjects",
      "TableIdentities",
      "TableLakeDays",
      "TableUserObjects",
      "Bucket",
      "KeySecret",
      "Queue",
      "QueueUrl",
      "DeadLetterQueue",
      "DeadLetterQueueUrl",
      "RefreshCacheQueueUrl",
      "RepairIndexQueueUrl",
      "RefreshCacheDeadLetterQueueUrl",
      "RepairIndexDeadLetterQueueUrl",
      "StateMachineMessagePipeline",
      "FunctionRouter",
      "FunctionStoreInCache",
      "FunctionStoreToDynamoDB",
      "FunctionIndexToOpenSearch",
      "FunctionPerformAnalytics",
      "FunctionReadContext",
      "FunctionRefreshCache",
      "FunctionRepairIndex",
      "FunctionDrainDeadLetters",
      "FunctionCompareContexts",
      "FunctionRepairDay",
      "StateMachineRepairDays",
      "RedisUrl",
      "OpenSearchUrl",
    ];
    expect(expected.filter((key) => !stage.outputs.has(key))).toEqual([]);
  });
});
