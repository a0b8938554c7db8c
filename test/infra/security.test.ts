import { rmSync } from "node:fs";
import { Stack } from "aws-cdk-lib";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import { STAGE_NAMES } from "../../infra/config.ts";
import { allowed } from "./statements.ts";
import { asList, at, newApp, type Synthesised, synthesise } from "./synthesise.ts";

const STAGES = STAGE_NAMES.map((name) => [name, synthesise(name)] as const);

const violations = (app: Synthesised["app"]) => new AwsSolutionsChecks(app).validateScope(app).violations;

describe.each(STAGES)("AwsSolutions on %s", (_, stage) => {
  it("has no finding that was not accepted", () => {
    expect(violations(stage.app)).toEqual([]);
  });

  it("accepts no finding without a reason, and none for a whole stack", () => {
    const accepted = stage.app.node.findAll().flatMap((construct) =>
      construct.node.metadata
        .filter(({ type }) => type === "aws:cdk:acknowledged-rules")
        .flatMap(({ data }) => Object.entries(data as Record<string, string>))
        .filter(([rule]) => rule.includes("AwsSolutions-"))
        .map(([rule, reason]) => ({ rule, reason, wide: Stack.isStack(construct) })),
    );
    expect(accepted.length).toBeGreaterThan(0);
    expect(accepted.filter(({ reason }) => reason.trim().length < 20)).toEqual([]);
    expect(accepted.filter(({ wide }) => wide)).toEqual([]);
  });
});

it("a finding that nobody accepted is seen", () => {
  const app = newApp();
  new Bucket(new Stack(app, "Planted"), "Open");
  expect(violations(app).map(({ ruleName }) => ruleName)).toContain("AwsSolutions-S10");
  rmSync(app.outdir, { recursive: true });
});

/** What no policy can name: the reason stands where the statement is written. */
const WITHOUT_RESOURCE =
  /^(ec2:Describe\w+|logs:(\w+LogDeliver(y|ies)|PutResourcePolicy|Describe(ResourcePolicies|LogGroups))|xray:(Put|Get)\w+)$/;

/** Deletes, or cannot be told from what deletes, or reads everything. */
const FORBIDDEN_IN_LAKE = /^(s3:Delete|dynamodb:(Delete|BatchWrite|Scan|PartiQL))/;

describe.each(STAGES)("permissions of %s", (name, stage) => {
  const pipeline = allowed(stage).filter(({ of }) => of.startsWith(`hilo-${name}-pipeline/`));
  const lake = allowed(stage).filter(({ of }) => of.startsWith(`hilo-${name}-lake/`));

  it("name every action", () => {
    expect(pipeline.length).toBeGreaterThan(8);
    expect(pipeline.filter(({ actions }) => actions.some((action) => action.includes("*")))).toEqual([]);
  });

  it("name a resource, except where the service takes none", () => {
    const everything = pipeline.filter(({ resources }) => resources.includes("*"));
    const unexpected = everything.flatMap(({ of, actions }) =>
      actions.filter((action) => !WITHOUT_RESOURCE.test(action)).map((action) => `${of}: ${action}`),
    );
    expect(unexpected).toEqual([]);
  });

  it("use a pattern only for folders and network interfaces", () => {
    const patterns = pipeline
      .flatMap(({ resources }) => resources.filter((resource) => resource !== "*"))
      .map((resource) => JSON.stringify(resource))
      .filter((resource) => resource.includes("*"));
    const known = [`:s3:::hilo-${name}-data-`, ":*/*"];
    expect(patterns.filter((pattern) => !known.some((part) => pattern.includes(part)))).toEqual([]);
  });

  it("let nobody delete items, objects or versions, or scan, and one function read one index", () => {
    const forbidden = /^(dynamodb:(Delete\w+|Scan|PartiQL(?!Update$)\w+)|s3:Delete\w+|s3:(Get|List)\w+)$/;
    expect(pipeline.flatMap(({ actions }) => actions).filter((action) => forbidden.test(action))).toEqual([]);
    const indexes = pipeline.filter(({ resources }) => JSON.stringify(resources).includes("/index/"));
    expect(indexes).toHaveLength(1);
    expect(indexes[0]).toMatchObject({ actions: ["dynamodb:Query"] });
    expect(indexes[0]?.of).toContain("/RepairDayRole");
    expect(JSON.stringify(indexes[0]?.resources)).toMatch(/\/index\/DayIndex"/);
  });

  it("let only the analysis update by a statement, and touch nothing but rows, the ledger and the days", () => {
    const statements = pipeline.filter(({ actions }) => actions.includes("dynamodb:PartiQLUpdate"));
    expect(statements.map(({ of }) => of.replace(/.*\//, ""))).toEqual([
      expect.stringMatching(/^PerformAnalyticsRole/),
    ]);
    const actions = pipeline
      .filter(({ of }) => of === statements[0]?.of)
      .flatMap((statement) => statement.actions.filter((action) => action.startsWith("dynamodb:")));
    expect(new Set(actions)).toEqual(
      new Set(["dynamodb:BatchGetItem", "dynamodb:PartiQLUpdate", "dynamodb:UpdateItem"]),
    );
  });

  it("let only those read the key of the hashes who name people that a queue or a row names", () => {
    const readers = pipeline
      .filter(({ actions }) => actions.includes("secretsmanager:GetSecretValue"))
      .map(({ of }) => /\/(\w+?)Role/.exec(of)?.[1]);
    expect(readers.sort()).toEqual(["DrainDeadLetters", "RepairDay", "Router"]);
  });

  it("let the lake's functions name every action, and a resource wherever there is one", () => {
    expect(lake.length).toBeGreaterThan(8);
    expect(lake.filter(({ actions }) => actions.some((action) => action.includes("*")))).toEqual([]);
    const everything = lake.filter(({ resources }) => resources.includes("*"));
    const unexpected = everything.flatMap(({ of, actions }) =>
      // The namespace of the metrics is a condition.
      actions
        .filter((action) => !WITHOUT_RESOURCE.test(action) && action !== "cloudwatch:PutMetricData")
        .map((action) => `${of}: ${action}`),
    );
    expect(unexpected).toEqual([]);
  });

  it("let nobody of the lake delete but Spark what it staged, and nobody touch a version but to read it", () => {
    const deleting = lake.filter(({ actions }) => actions.some((action) => FORBIDDEN_IN_LAKE.test(action)));
    expect(
      deleting.flatMap(({ actions }) => actions.filter((action) => FORBIDDEN_IN_LAKE.test(action))),
    ).toEqual(deleting.map(() => "s3:DeleteObject"));
    for (const { of, resources } of deleting) {
      expect(of).toMatch(/\/Jobs(exportconversations|dailyconversationanalytics)role/);
      expect(JSON.stringify(resources)).toMatch(/\/staging\/\*"/);
      expect(JSON.stringify(resources)).not.toMatch(/conversations\/\*|analytics|logs\//);
    }
    const versions = lake.flatMap(({ actions }) => actions.filter((action) => action.includes("Version")));
    expect(new Set(versions)).toEqual(new Set(["s3:GetObjectVersion"]));
  });

  it("let one function write each folder of the lake, and Spark none", () => {
    const writers = (folder: string) =>
      lake
        .filter(
          ({ actions, resources }) =>
            actions.includes("s3:PutObject") && JSON.stringify(resources).includes(`/${folder}*"`),
        )
        .map(({ of }) => /\/(\w+?)(Role|role)/.exec(of)?.[1]);
    expect(writers("conversations/")).toEqual(["ExportDay"]);
    expect(writers("logs/")).toEqual(["ExportDay"]);
    expect(writers("analytics/user_behavior/")).toEqual(["PublishStaged"]);
    for (const folder of ["daily_metrics", "daily_breakdown", "data_quality"])
      expect(writers(`analytics/${folder}/`)).toEqual(["WriteDailyMetrics"]);
    expect(writers("analytics/")).toEqual([]);
    expect(writers("athena-results/")).toEqual(["WriteDailyMetrics"]);
  });

  it("let a folder's objects be listed by those who use the folder, under a condition", () => {
    const listing = lake.filter(({ actions }) => actions.includes("s3:ListBucket"));
    expect(listing.length).toBeGreaterThan(4);
    for (const { of, conditions } of listing) {
      const prefixes = asList(at(conditions, "StringLikeIfExists", "s3:prefix"));
      expect(prefixes.length, of).toBeGreaterThan(0);
      for (const prefix of prefixes) expect(prefix).toMatch(/^[a-z][a-z_/-]*[a-z](\/\*)?$/);
    }
    expect(lake.flatMap(({ actions }) => actions)).not.toContain("s3:ListBucketVersions");
  });

  it("name roles, which count in the whole account, by their region", () => {
    const named = stage
      .ofType("AWS::IAM::Role")
      .map(({ properties }) => JSON.stringify(properties["RoleName"] ?? ""))
      .filter((role) => role.includes("hilo-"));
    expect(named.filter((role) => !role.includes("AWS::Region"))).toEqual([]);
  });

  it("give no role a managed policy", () => {
    const managed = stage
      .ofType("AWS::IAM::Role")
      .filter(({ properties }) => asList(properties["ManagedPolicyArns"]).length > 0)
      .map(({ id }) => id);
    // The library's function that calls ours during a deployment is no part of the pipeline.
    expect(managed.filter((id) => !id.startsWith("AtDeployment"))).toEqual([]);
  });
});

describe.each(STAGES)("logs of %s", (_, stage) => {
  it("expire in every group, under our key", () => {
    const groups = stage.ofType("AWS::Logs::LogGroup");
    expect(groups.length).toBeGreaterThan(8);
    for (const { id, properties } of groups) {
      expect(Number(properties["RetentionInDays"]), id).toBeGreaterThan(0);
      expect(JSON.stringify(properties["KmsKeyId"]), id).toContain("OperationsKey");
    }
  });

  it("are written by every function to a group of its own, none to one that would never expire", () => {
    const functions = stage.ofType("AWS::Lambda::Function");
    const groups = functions.map(({ properties }) => at(properties["LoggingConfig"], "LogGroup", "Ref"));
    expect(groups.filter((group) => group === undefined)).toEqual([]);
    expect(new Set(groups).size).toBe(functions.length);
  });
});
