import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BOOKKEEPING, declarationOf, STORE_NAMES } from "../../functions/core/domain/personal-stores.ts";
import type { StageName } from "../../infra/config.ts";
import { isRecoverable, lifecycleRules, nameOf, processingDoc } from "../support/processing-doc.ts";
import { asList, at, REPOSITORY, type Resource, type Synthesised, synthesise } from "./synthesise.ts";

const STAGES: readonly StageName[] = ["local", "lean", "standard"];
const DECLARED = [
  ...STORE_NAMES.map((name) => declarationOf(name).place),
  ...Object.values(BOOKKEEPING).map(({ place }) => place),
];

/** Tables that hold nothing about people, and why. */
const TABLES_WITHOUT_PEOPLE = new Map([["lake-days", "days, marks, versions and counts"]]);

/** Folders of the bucket that hold nothing about people, and why. */
const FOLDERS_WITHOUT_PEOPLE = new Map([
  ["analytics/daily_metrics/", "counts of a day, nobody is named"],
  ["analytics/daily_breakdown/", "counts of a day, nobody is named"],
  ["analytics/data_quality/", "shares of messages with a fault"],
  ["analytics/user_patterns/", "the name of a file"],
]);

/**
 * Types of resources that keep nothing of what passes through them. A new type fails until somebody says here that it keeps
 * nothing, or below where what it keeps is declared.
 */
const KEEPS_NOTHING = new Set([
  "AWS::ApplicationAutoScaling::ScalableTarget",
  "AWS::ApplicationAutoScaling::ScalingPolicy",
  "AWS::Athena::NamedQuery",
  "AWS::Athena::WorkGroup",
  "AWS::CDK::Metadata",
  "AWS::CloudWatch::Alarm",
  "AWS::CloudWatch::CompositeAlarm",
  "AWS::CloudWatch::Dashboard",
  "AWS::EC2::RouteTable",
  "AWS::EC2::SecurityGroup",
  "AWS::EC2::SecurityGroupEgress",
  "AWS::EC2::SecurityGroupIngress",
  "AWS::EC2::Subnet",
  "AWS::EC2::SubnetRouteTableAssociation",
  "AWS::EC2::VPC",
  "AWS::EC2::VPCEndpoint",
  "AWS::ElastiCache::ParameterGroup",
  "AWS::ElastiCache::SubnetGroup",
  "AWS::ElastiCache::User",
  "AWS::ElastiCache::UserGroup",
  "AWS::Events::Rule",
  "AWS::Glue::Database",
  "AWS::Glue::Job",
  "AWS::Glue::SecurityConfiguration",
  "AWS::Glue::Table",
  "AWS::IAM::Policy",
  "AWS::IAM::Role",
  "AWS::KMS::Alias",
  "AWS::KMS::Key",
  "AWS::Lambda::EventSourceMapping",
  "AWS::Lambda::Function",
  "AWS::Lambda::Permission",
  "AWS::Lambda::Version",
  "AWS::Logs::ResourcePolicy",
  "AWS::S3::BucketPolicy",
  "AWS::SNS::Subscription",
  "AWS::SNS::Topic",
  "AWS::SNS::TopicPolicy",
  "AWS::SQS::QueuePolicy",
  "AWS::Scheduler::Schedule",
  "AWS::SecretsManager::Secret",
  "AWS::StepFunctions::StateMachine",
  "Custom::SearchTemplates",
]);
/** Types whose contents are declared, each looked at by a test below. */
const DECLARED_TYPES = new Set([
  "AWS::DynamoDB::GlobalTable",
  "AWS::DynamoDB::Table",
  "AWS::EC2::FlowLog",
  "AWS::ElastiCache::ReplicationGroup",
  "AWS::Logs::LogGroup",
  "AWS::OpenSearchService::Domain",
  "AWS::S3::Bucket",
  "AWS::SQS::Queue",
]);

const tablesOf = (stage: Synthesised): readonly Resource[] =>
  stage.ofType("AWS::DynamoDB::GlobalTable").concat(stage.ofType("AWS::DynamoDB::Table"));

describe.each(STAGES)("what the stage %s deploys", (name) => {
  const stage = synthesise(name);
  const logical = (physical: string): string => physical.replace(`hilo-${name}-`, "");

  it("is of types of which it is known whether they keep data", () => {
    const unknown = stage.resources
      .map(({ type }) => type)
      .filter((type) => !KEEPS_NOTHING.has(type) && !DECLARED_TYPES.has(type));
    expect([...new Set(unknown)]).toEqual([]);
  });

  it("has no table that is not declared", () => {
    const tables = tablesOf(stage).map(({ properties }) => logical(nameOf(properties["TableName"])));
    expect(tables.length).toBeGreaterThan(5);
    expect(undeclaredTables(tables)).toEqual([]);
  });

  it("recovers every table to a point in time but the one with raw ids", () => {
    const not = tablesOf(stage)
      .filter(({ properties }) => !isRecoverable(properties))
      .map(({ properties }) => logical(nameOf(properties["TableName"])));
    expect(not).toEqual(["erasure-subjects"]);
  });

  it("writes to no folder of the bucket that is not declared", () => {
    const folders = writtenFolders(stage);
    expect(folders.length).toBeGreaterThan(8);
    expect(folders.filter((folder) => !isDeclaredFolder(folder))).toEqual([]);
  });

  it("has no queue that is not declared, and none that keeps longer than is said", () => {
    const { place, goneAfterDays } = declarationOf("queues");
    const queues = stage.ofType("AWS::SQS::Queue");
    expect(queues.length).toBeGreaterThan(3);
    for (const { properties } of queues) {
      const queue = logical(nameOf(properties["QueueName"])).replace(/\.fifo$/, "");
      const isNamed = place.includes(queue) || place.includes(queue.replace(/-dlq$|-dead-letters?$/, ""));
      expect(isNamed, queue).toBe(true);
      expect(Number(properties["MessageRetentionPeriod"]), queue).toBeLessThanOrEqual(
        (goneAfterDays ?? 0) * 86_400,
      );
    }
  });

  it("keeps logs for a time that ends, and no data of executions in them", () => {
    for (const { properties } of stage.ofType("AWS::Logs::LogGroup"))
      expect(Number(properties["RetentionInDays"]), nameOf(properties["LogGroupName"])).toBeGreaterThan(0);
    for (const { properties } of stage.ofType("AWS::StepFunctions::StateMachine"))
      expect(at(properties["LoggingConfiguration"], "IncludeExecutionData")).toBe(false);
  });

  it("keeps copies of held people until the hold is lifted, whatever else expires", () => {
    const rules = lifecycleRules(stage).filter((rule) => {
      const prefix = at(rule, "Prefix");
      return (
        prefix === undefined || "holds/".startsWith(String(prefix)) || String(prefix).startsWith("holds/")
      );
    });
    for (const rule of rules) {
      expect(at(rule, "ExpirationInDays")).toBeUndefined();
      expect(at(rule, "ExpirationDate")).toBeUndefined();
    }
  });
});

const undeclaredTables = (tables: readonly string[]): string[] =>
  tables.filter((table) => !DECLARED.includes(`DynamoDB: ${table}`) && !TABLES_WITHOUT_PEOPLE.has(table));

describe("the checks themselves", () => {
  it("find an undeclared table", () => {
    expect(undeclaredTables(["identities", "diary", "user-objects", "lake-days"])).toEqual(["diary"]);
  });

  it.each(["secret-diary/", "analytics/moods/", "media"])("find an undeclared folder: %s", (folder) => {
    expect(isDeclaredFolder(folder)).toBe(folder === "media");
  });
});

it("docs/PROCESSING.md says what is declared and deployed", async () => {
  await expect(processingDoc(synthesise("lean"), "lean")).toMatchFileSnapshot(
    join(REPOSITORY, "docs", "PROCESSING.md"),
  );
});

/** Folders that lifecycle rules name, and those that any role may write to. */
function writtenFolders(stage: Synthesised): string[] {
  const fromRules = lifecycleRules(stage).flatMap((rule) => {
    const prefix = at(rule, "Prefix");
    return prefix === undefined ? [] : [String(prefix).replace(/year=.*$/, "")];
  });
  const fromPolicies = stage.ofType("AWS::IAM::Policy").flatMap(({ properties }) =>
    asList(at(properties["PolicyDocument"], "Statement"))
      .filter((statement) => asList(at(statement, "Action")).some((action) => action === "s3:PutObject"))
      .flatMap((statement) => asList(at(statement, "Resource")))
      .flatMap((resource) => {
        const [, folder] = /-data-.*?\/([^*]*)\*?"/.exec(JSON.stringify(resource)) ?? [];
        return folder === undefined ? [] : [folder];
      }),
  );
  return [...new Set([...fromRules, ...fromPolicies])].sort();
}

/** Whether a folder, or one around it, is declared; one that only has declared folders in it is. */
function isDeclaredFolder(folder: string): boolean {
  const declared = DECLARED.filter((place) => place.startsWith("S3: "))
    .flatMap((place) => place.slice(4).split(", "))
    .map((place) => place.replace(/year=.*$/, ""));
  if ([...FOLDERS_WITHOUT_PEOPLE.keys()].some((known) => folder.startsWith(known))) return true;
  return declared.some((known) => folder.startsWith(known) || known.startsWith(folder.replace(/\/?$/, "/")));
}
