import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type StageName, stageConfig } from "../../infra/config.ts";
import { at, functionOf, type Json, REPOSITORY, synthesise } from "./synthesise.ts";

const read = (...path: readonly string[]): Json =>
  JSON.parse(readFileSync(join(REPOSITORY, ...path), "utf8"));
const ASL = read("state-machines", "conversation-export.asl.json");

/** Every object of a machine that is a state, however deep in maps. */
function states(value: Json | undefined): readonly (readonly [string, Json])[] {
  if (value === null || typeof value !== "object") return [];
  const here = Object.entries((at(value, "States") ?? {}) as { readonly [name: string]: Json });
  return [...here, ...Object.values(value as { readonly [key: string]: Json }).flatMap(states)];
}
/** Tasks by the function they call: `ExportDay` → its states. */
const tasks = states(ASL).flatMap(([, state]) => {
  const called = /^\$\{(\w+)Arn\}$/.exec(String(at(state, "Parameters", "FunctionName")))?.[1];
  return called === undefined ? [] : [{ called, seconds: Number(at(state, "TimeoutSeconds")) }];
});

const kebab = (pascal: string): string =>
  pascal.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

const NAMES: readonly StageName[] = ["local", "lean"];

describe.each(NAMES)("lake of %s", (name) => {
  const stage = synthesise(name);
  it("runs one Standard machine, logged without data, whose every function is put in", () => {
    const machine = stage
      .ofType("AWS::StepFunctions::StateMachine")
      .find(({ properties }) => properties["StateMachineName"] === `hilo-${name}-conversation-export`);
    expect(machine?.properties).toMatchObject({
      StateMachineType: "STANDARD",
      LoggingConfiguration: { IncludeExecutionData: false },
    });
    const wanted = [...new Set(tasks.map(({ called }) => `${called}Arn`))].sort();
    expect(Object.keys(machine?.properties["DefinitionSubstitutions"] as object).sort()).toEqual(wanted);
    expect(wanted).toHaveLength(6);
  });

  it("gives each function of a state exactly its state's time", () => {
    for (const { called, seconds } of tasks)
      expect(functionOf(stage, name, kebab(called)).properties["Timeout"], called).toBe(seconds);
  });

  it("takes a day for settled only after its writers are over", () => {
    const source = readFileSync(join(REPOSITORY, "functions", "handlers", "finish-day", "deps.ts"), "utf8");
    const life = Number(/WRITER_LIFE_MS = ([\d_]+)/.exec(source)?.[1]?.replaceAll("_", "")) / 1000;
    for (const writer of ["store-to-dynamodb", "perform-analytics"])
      expect(Number(functionOf(stage, name, writer).properties["Timeout"]), writer).toBeLessThan(life);
  });

  it("exports every night in the configured zone, with patterns, by a role for this machine", () => {
    const [schedule, ...more] = stage.ofType("AWS::Scheduler::Schedule");
    expect(more).toEqual([]);
    expect(schedule?.properties).toMatchObject({
      ScheduleExpression: "cron(30 2 * * ? *)",
      ScheduleExpressionTimezone: "UTC",
      State: "ENABLED",
    });
    expect(JSON.parse(String(at(schedule?.properties["Target"], "Input")))).toEqual({
      nightly: true,
      patterns: true,
    });
  });

  it("gives Spark its script, its modules, a time limit, its own logs and no bookmarks", () => {
    const jobs = stage.ofType("AWS::Glue::Job");
    expect(jobs.map(({ properties }) => properties["Name"]).sort()).toEqual([
      `hilo-${name}-daily-conversation-analytics`,
      `hilo-${name}-export-conversations`,
    ]);
    for (const { properties } of jobs) {
      expect(properties).toMatchObject({ GlueVersion: "5.1", WorkerType: "G.1X", MaxRetries: 0 });
      expect(Number(properties["Timeout"])).toBeLessThanOrEqual(120);
      expect(properties["DefaultArguments"]).toMatchObject({
        "--job-bookmark-option": "job-bookmark-disable",
        "--custom-logGroup-prefix": `/hilo/${name}/glue`,
      });
      expect(JSON.stringify(at(properties["DefaultArguments"], "--extra-py-files"))).toContain(".zip");
      expect(JSON.stringify(at(properties["Command"], "ScriptLocation"))).toContain(".py");
    }
    const groups = stage.ofType("AWS::Logs::LogGroup").map(({ properties }) => properties["LogGroupName"]);
    expect(groups).toEqual(expect.arrayContaining([`/hilo/${name}/glue/error`, `/hilo/${name}/glue/output`]));
  });

  it("rings when an export fails or does not come, a day is missing, data looks wrong, a job fails", () => {
    const alarms = stage
      .ofType("AWS::CloudWatch::Alarm")
      .filter(({ stack }) => stack === `hilo-${name}-lake`)
      .map(({ properties }) => properties);
    const watched = alarms.map(
      (alarm) => `${alarm["Namespace"]} ${alarm["MetricName"]} ${alarm["Statistic"]}`,
    );
    expect(watched.sort()).toEqual([
      "AWS/States ExecutionsFailed Sum",
      "AWS/States ExecutionsTimedOut Sum",
      "Glue glue.error.ALL Sum",
      "Glue glue.error.ALL Sum",
      "Hilo DataQualityBreaches Sum",
      "Hilo UnexportedDays Maximum",
      "Hilo UnexportedDays SampleCount",
    ]);
    const silence = alarms.find((alarm) => alarm["Statistic"] === "SampleCount");
    expect(silence).toMatchObject({ TreatMissingData: "breaching", ComparisonOperator: "LessThanThreshold" });
    // More than a day, or every night would be an alarm.
    const window = Number(silence?.["Period"]) * Number(silence?.["EvaluationPeriods"]);
    expect(window).toBeGreaterThan(26 * 3_600);
  });

  it("publishes the outputs that other programs read", () => {
    const expected = [
      "GlueDatabase",
      "AthenaWorkgroup",
      "ReportingTimezone",
      "StateMachineConversationExport",
      ...new Set(tasks.map(({ called }) => `Function${called}`)),
    ];
    expect(expected.filter((key) => !stage.outputs.has(key))).toEqual([]);
  });
});

describe("what a stage says about the lake", () => {
  it("comes from variables", () => {
    const config = stageConfig("lean", {
      HILO_EXPORT_SCHEDULE: "cron(0 4 * * ? *)",
      HILO_EXPORT_TIMEZONE: "Europe/Madrid",
      HILO_REPORTING_TIMEZONE: "America/Santiago",
      HILO_LAKE_OBJECTS: "4",
      HILO_LAKE_WRITER: "parquetjs",
      HILO_EXPORT_ENGINE: "glue",
      HILO_TRAINING_LOGS: "off",
    });
    expect(config).toMatchObject({
      exportSchedule: "cron(0 4 * * ? *)",
      exportTimezone: "Europe/Madrid",
      reportingTimezone: "America/Santiago",
      lakeObjects: 4,
      lakeWriter: "parquetjs",
      exportEngine: "glue",
      trainingLogs: { enabled: false, pseudonymise: true, redact: true },
    });
  });

  it("reaches schedule and functions", () => {
    const stage = synthesise("lean", {
      HILO_EXPORT_TIMEZONE: "Europe/Madrid",
      HILO_EXPORT_ENGINE: "glue",
      HILO_LAKE_OBJECTS: "4",
      HILO_TRAINING_LOGS: "off",
    });
    const [schedule] = stage.ofType("AWS::Scheduler::Schedule");
    expect(schedule?.properties["ScheduleExpressionTimezone"]).toBe("Europe/Madrid");
    expect(at(schedule?.properties["Target"], "Input")).toContain('"engine":"glue"');
    const variable = (folder: string, key: string) =>
      at(functionOf(stage, "lean", folder).properties["Environment"], "Variables", key);
    expect(variable("plan-export", "LAKE_OBJECTS")).toBe("4");
    expect(variable("export-day", "TRAINING_LOGS")).toBe("off");
    expect(variable("finish-day", "INDEX_LAG_SECONDS")).toBe("900");
  });

  it.each([
    ["HILO_EXPORT_SCHEDULE", "at night"],
    ["HILO_EXPORT_TIMEZONE", "Madrid"],
    ["HILO_REPORTING_TIMEZONE", "nowhere"],
    ["HILO_LAKE_OBJECTS", "3"],
    ["HILO_LAKE_OBJECTS", "32"],
    ["HILO_LAKE_WRITER", "csv"],
    ["HILO_EXPORT_ENGINE", "hive"],
    ["HILO_TRAINING_LOGS_REDACT", "yes"],
  ])("names %s where it is %s", (variable, value) => {
    expect(() => stageConfig("lean", { [variable]: value })).toThrow(variable);
  });
});
