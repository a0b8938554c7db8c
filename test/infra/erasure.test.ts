import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { storesOf } from "../../functions/core/domain/personal-stores.ts";
import { STAGE_NAMES } from "../../infra/config.ts";
import { allowed, type Statement } from "./statements.ts";
import { asList, at, functionOf, type Json, REPOSITORY, type Synthesised, synthesise } from "./synthesise.ts";

const STAGES = STAGE_NAMES.map((name) => [name, synthesise(name)] as const);

/** Removes something, or may. */
const DELETING =
  /^(dynamodb:(DeleteItem|BatchWriteItem|PartiQLDelete|DeleteTable)|s3:DeleteObject\w*|s3:PutLifecycle\w*)$/;

/** The role that a statement is of: `EraseTables`. */
const roleOf = ({ of }: Statement): string => /\/(\w+?)(?:[Rr]ole)?DefaultPolicy/.exec(of)?.[1] ?? of;

/** Names of tables, and folders of the bucket, among resources. */
const placesIn = (resources: readonly Json[], stage: Synthesised): string[] =>
  resources.flatMap((resource) => {
    const text = JSON.stringify(resource);
    const folder = /-data-.*?\/([a-z_/-]+)\*"/.exec(text)?.[1];
    if (folder !== undefined) return [folder];
    const table = stage
      .ofType("AWS::DynamoDB::Table")
      .find(({ id }) => text.includes(`GetAtt${id}`) || text.includes(`"${id}"`));
    return table === undefined ? [text] : [String(table.properties["TableName"]).replace(/^hilo-\w+-/, "")];
  });

describe.each(STAGES)("erasure of %s", (name, stage) => {
  const statements = allowed(stage);
  const ofRole = (role: string): readonly Statement[] => statements.filter((one) => roleOf(one) === role);
  const deletedBy = (role: string, action: RegExp): string[] =>
    ofRole(role)
      .filter(({ actions }) => actions.some((one) => action.test(one)))
      .flatMap(({ resources }) => placesIn(resources, stage))
      .sort();

  it("lets the erasers delete, of others only who forgets raw ids, stages, or removes copies of its own", () => {
    const deleting = new Set(
      statements.filter(({ actions }) => actions.some((action) => DELETING.test(action))).map(roleOf),
    );
    expect([...deleting].sort()).toEqual(
      [
        "ApproveErasure",
        "AuditErasures",
        "EraseObjects",
        "EraseTables",
        "FencePeople",
        "FinishErasure",
        "Jobsdailyconversationanalytics",
        "Jobsexportconversations",
        "PlanErasure",
        "PreserveHeld",
        "RecheckErasures",
        "RequestErasure",
      ].sort(),
    );
  });

  it("lets those others delete nothing that holds what people said, but the ids of requests", () => {
    for (const role of [
      "ApproveErasure",
      "FencePeople",
      "FinishErasure",
      "PlanErasure",
      "RecheckErasures",
      "RequestErasure",
    ])
      expect(deletedBy(role, DELETING), role).toEqual(["erasure-subjects"]);
    expect(deletedBy("AuditErasures", DELETING)).toEqual(["staging/erasure-audit/"]);
    expect(deletedBy("PreserveHeld", DELETING)).toEqual(["holds/"]);
  });

  it("lets the eraser of tables delete from each of its tables and no other", () => {
    expect(deletedBy("EraseTables", /PartiQLDelete/)).toEqual([...storesOf("tables")].sort());
    expect(deletedBy("EraseTables", /DeleteItem|BatchWriteItem/)).toEqual(["erasure-subjects"]);
    expect(deletedBy("EraseTables", /^s3:/)).toEqual([]);
  });

  it("lets the eraser of objects delete versions in each of its folders, and the index's entries", () => {
    expect(deletedBy("EraseObjects", /s3:DeleteObjectVersion/)).toEqual([
      "analytics/user_behavior/",
      "athena-results/",
      "backups/",
      "conversations/",
      "holds/",
      "logs/",
      "media/",
      "quarantine/",
      "raw-exports/",
      "staging/",
      "tool-results/",
    ]);
    expect(deletedBy("EraseObjects", /dynamodb:DeleteItem/)).toEqual(["user-objects"]);
    expect(deletedBy("EraseObjects", /PartiQL/)).toEqual([]);
  });

  it("lets the erasers of cache and index touch no item but those of requests", () => {
    for (const role of ["EraseCache", "EraseSearch"]) {
      const touched = ofRole(role).filter(({ actions }) =>
        actions.some((one) => one.startsWith("dynamodb:")),
      );
      const places = new Set(touched.flatMap(({ resources }) => placesIn(resources, stage)));
      expect([...places].sort(), role).toEqual(["erasure-ledger", "erasure-subjects"]);
      expect(touched.flatMap(({ actions }) => actions).filter((one) => DELETING.test(one))).toEqual([]);
      expect(
        ofRole(role)
          .flatMap(({ actions }) => actions)
          .some((one) => one.startsWith("s3:")),
      ).toBe(false);
    }
  });

  it("names every action, and a resource wherever there is one; nobody scans", () => {
    const own = statements.filter(({ of }) => of.startsWith(`hilo-${name}-erasure/`));
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter(({ actions }) => actions.some((action) => action.includes("*")))).toEqual([]);
    expect(own.flatMap(({ actions }) => actions)).not.toContain("dynamodb:Scan");
    const unlimited = own
      .filter(({ resources }) => resources.includes("*"))
      .flatMap(({ actions }) => actions)
      .filter((action) => !/^(ec2:Describe|logs:|xray:|cloudformation:DescribeStacks$)/.test(action));
    expect(unlimited).toEqual([]);
  });

  it("lets who plans open requests and have them counted, and who approves approve and start them: no more", () => {
    const actionsOf = (role: string): string[] =>
      [...new Set(ofRole(role).flatMap(({ actions }) => actions))].sort();
    const common = [
      "cloudformation:DescribeStacks",
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:Query",
      "kms:Decrypt",
      "kms:DescribeKey",
      "lambda:InvokeFunction",
      "states:DescribeExecution",
      "states:StartExecution",
    ];
    const targets = (role: string, action: string): string =>
      JSON.stringify(
        ofRole(role)
          .filter(({ actions }) => actions.includes(action))
          .map(({ resources }) => resources),
      );
    for (const role of ["Rolesplanner", "Rolesapprover"]) {
      expect(actionsOf(role), role).toEqual(common);
      const items = ofRole(role).filter(({ actions }) => actions.some((one) => one.startsWith("dynamodb:")));
      for (const { resources } of items) expect(JSON.stringify(resources), role).toMatch(/ErasureLedger/);
      expect(JSON.stringify(items)).not.toContain("ErasureSubjects");
    }
    expect(targets("Rolesplanner", "lambda:InvokeFunction")).toMatch(/RequestErasure/);
    expect(targets("Rolesplanner", "lambda:InvokeFunction")).not.toMatch(/ApproveErasure/);
    expect(targets("Rolesplanner", "states:StartExecution")).toMatch(/ErasurePlan/);
    expect(targets("Rolesplanner", "states:StartExecution")).not.toMatch(/UserErasure/);
    expect(targets("Rolesapprover", "lambda:InvokeFunction")).toMatch(/ApproveErasure/);
    expect(targets("Rolesapprover", "lambda:InvokeFunction")).not.toMatch(/RequestErasure/);
    expect(targets("Rolesapprover", "states:StartExecution")).toMatch(/UserErasure/);
    expect(targets("Rolesapprover", "states:StartExecution")).not.toMatch(/ErasurePlan/);
  });

  it("lets nobody else start an erasure but the daily look and an event of an approval", () => {
    const starters = statements
      .filter(
        ({ actions, resources }) =>
          actions.includes("states:StartExecution") && JSON.stringify(resources).includes("UserErasure"),
      )
      .map(({ of }) => of.replace(/.*\//, ""));
    expect(starters.sort()).toEqual([
      expect.stringMatching(/^RecheckErasuresRole/),
      expect.stringMatching(/^Rolesapprover/),
      expect.stringMatching(/^UserErasureEventsRole/),
    ]);
  });

  it("signs receipts with a key on P-256 that outlives its stack, by one function", () => {
    const keys = stage
      .ofType("AWS::KMS::Key")
      .filter(({ properties }) => properties["KeyUsage"] === "SIGN_VERIFY");
    expect(keys).toHaveLength(1);
    expect(keys[0]?.properties["KeySpec"]).toBe("ECC_NIST_P256");
    expect(keys[0]?.stack).toBe(`hilo-${name}-data`);
    expect(keys[0]?.deletionPolicy).toBe(name === "local" ? "Delete" : "Retain");
    const signers = statements.filter(({ actions }) => actions.includes("kms:Sign")).map(roleOf);
    expect(signers).toEqual(["FinishErasure"]);
  });

  it("runs two Standard machines, logged without data, each function put in with its state's time", () => {
    for (const machine of ["erasure-plan", "user-erasure"]) {
      const found = stage
        .ofType("AWS::StepFunctions::StateMachine")
        .find(({ properties }) => properties["StateMachineName"] === `hilo-${name}-${machine}`);
      expect(found?.properties).toMatchObject({
        StateMachineType: "STANDARD",
        LoggingConfiguration: { IncludeExecutionData: false, Level: "ALL" },
      });
      const text = readFileSync(join(REPOSITORY, "state-machines", `${machine}.asl.json`), "utf8");
      const called = new Set([...text.matchAll(/\$\{(\w+)Arn\}/g)].map(([, task]) => String(task)));
      expect(Object.keys(found?.properties["DefinitionSubstitutions"] as object).sort()).toEqual(
        [...called].map((task) => `${task}Arn`).sort(),
      );
      for (const { task, seconds } of tasksOf(JSON.parse(text)))
        expect(functionOf(stage, name, kebab(task)).properties["Timeout"], task).toBe(seconds);
    }
  });

  it("starts an approved erasure by an event, and looks after all of them every day", () => {
    const rules = stage.ofType("AWS::Events::Rule").filter(({ stack }) => stack === `hilo-${name}-erasure`);
    const rule = (logical: string) =>
      rules.find(({ properties }) => properties["Name"] === `hilo-${name}-${logical}`)?.properties;
    expect(rule("approved-erasure")).toMatchObject({
      State: "ENABLED",
      EventPattern: { source: ["hilo.erasure"], "detail-type": ["Erasure approved"] },
    });
    const [target] = asList(rule("approved-erasure")?.["Targets"]);
    expect(at(target, "InputTransformer")).toEqual({
      InputPathsMap: { "detail-request_id": "$.detail.request_id" },
      InputTemplate: '{"request_id":<detail-request_id>}',
    });
    expect(rule("daily-recheck")).toMatchObject({
      State: "ENABLED",
      ScheduleExpression: expect.stringMatching(/^cron\(/),
    });
  });

  it("rings when an erasure fails, stays open for long, or nobody looks", () => {
    const alarms = stage
      .ofType("AWS::CloudWatch::Alarm")
      .filter(({ stack }) => stack === `hilo-${name}-erasure`)
      .map(({ properties }) => properties);
    const watched = alarms.map(
      (alarm) => `${alarm["Namespace"]} ${alarm["MetricName"]} ${alarm["Statistic"]} ${alarm["Threshold"]}`,
    );
    expect(watched).toEqual(
      expect.arrayContaining([
        "AWS/Lambda Errors Sum 1",
        "AWS/States ExecutionsFailed Sum 1",
        "AWS/States ExecutionsTimedOut Sum 1",
        "Hilo FailedErasures Sum 1",
        "Hilo OldestOpenErasureDays Maximum 23",
        "Hilo OldestOpenErasureDays SampleCount 1",
        "Hilo OldestWaitingErasureDays Maximum 23",
        "Hilo UncheckedErasures Sum 1",
      ]),
    );
    const silent = alarms.filter(({ TreatMissingData: missing }) => missing === "breaching");
    expect(silent.map(({ Dimensions }) => at(asList(Dimensions)[0], "Value"))).toEqual([
      "recheck-erasures",
      "audit-erasures",
      "preserve-held",
    ]);
  });

  it("publishes the outputs that other programs read", () => {
    const expected = [
      "FunctionApproveErasure",
      "FunctionRequestErasure",
      "FunctionRecheckErasures",
      "ReceiptKeyId",
      "StateMachineErasurePlan",
      "StateMachineUserErasure",
      "TableErasureSubjects",
      "TableIdentities",
    ];
    expect(expected.filter((key) => !stage.outputs.has(key))).toEqual([]);
  });
});

/** Tasks of a machine by the function they call, however deep. */
function tasksOf(value: Json | undefined): { readonly task: string; readonly seconds: number }[] {
  if (value === null || typeof value !== "object") return [];
  const task = /^\$\{(\w+)Arn\}$/.exec(String(at(value, "Parameters", "FunctionName")))?.[1];
  const inner = Object.values(value as { readonly [key: string]: Json }).flatMap(tasksOf);
  return task === undefined ? inner : [{ task, seconds: Number(at(value, "TimeoutSeconds")) }, ...inner];
}

const kebab = (pascal: string): string =>
  pascal.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
