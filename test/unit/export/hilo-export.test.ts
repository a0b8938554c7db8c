import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { addExportCommand } from "../../../cli/commands/export.ts";
import { progressOf } from "../../../cli/export/execution-events.ts";
import { formatExport, formatVerification } from "../../../cli/export/format-export.ts";
import type { ExportedDay } from "../../../cli/export/run-export.ts";

const succeeded = (Payload: unknown): HistoryEvent => ({
  id: 1,
  type: "TaskSucceeded",
  timestamp: new Date(0),
  taskSucceededEventDetails: {
    resource: "invoke",
    resourceType: "lambda",
    output: JSON.stringify({ ExecutedVersion: "$LATEST", Payload }),
  },
});
const failed = (cause: string): HistoryEvent => ({
  id: 2,
  type: "TaskFailed",
  timestamp: new Date(0),
  taskFailedEventDetails: { resource: "invoke", resourceType: "lambda", error: "TransientError", cause },
});

const part = {
  day: "2026-11-16",
  object: 0,
  objects: 1,
  attempts: 1,
  added: 3,
  updated: 0,
  kept: 4,
  fenced: 0,
};
const report = {
  day: "2026-11-16",
  state: "dirty" as const,
  reasons: ["2 of its shards changed since their rows were read"],
  settledAt: "2026-11-20T10:00:17.000Z",
  objects: 1,
  rows: 7,
  people: 2,
  bytes: 4321,
};
const day: ExportedDay = { ...report, added: 3, updated: 0, kept: 4, fenced: 0, trainingRecords: 1 };

describe("the history of an export", () => {
  it("tells answers of functions by their fields, and each error once", () => {
    const cause = JSON.stringify({ errorType: "TransientError", errorMessage: "DynamoDB: throttled" });
    const progress = progressOf([
      succeeded({
        days: [{ day: "2026-11-16", objects: 2, parts: [0, 1], engine: "function" }],
        patterns: false,
      }),
      succeeded(part),
      failed(cause),
      failed(cause),
      failed("not JSON"),
      succeeded(report),
      succeeded([{ date: "2026-11-16", messages: 7, breaches: [] }]),
      succeeded({ runId: "r", state: "SUCCEEDED" }),
      { id: 3, type: "MapStateStarted", timestamp: new Date(0) },
    ]);
    expect(progress).toEqual({
      days: ["2026-11-16"],
      parts: 2,
      exported: [{ day: "2026-11-16", object: 0, attempts: 1, added: 3, updated: 0, kept: 4, fenced: 0 }],
      finished: [report],
      errors: ["TransientError: DynamoDB: throttled", "TransientError: not JSON"],
    });
  });

  it("is empty before there is any", () => {
    expect(progressOf([])).toEqual({ parts: 0, exported: [], finished: [], errors: [] });
  });
});

describe("what hilo export is asked", () => {
  it.each([
    ["--csv", "day.csv"],
    ["--parquet", "day.parquet"],
    ["--param", "date=2026-11-20"],
  ])("is no export of days where %s says that a query's result is wanted", async (...option) => {
    const program = new Command();
    addExportCommand(program, "local");
    const run = program.parseAsync(["export", "2026-11-20", ...option], { from: "user" });
    await expect(run).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining("--query") });
  });
});

describe("what hilo export prints", () => {
  const print = (outcome: Partial<Parameters<typeof formatExport>[0]>, today = "2026-11-20") =>
    formatExport({ days: [], failed: [], errors: [], ...outcome }, today).split("\n");

  it("a line a day, then why a day is dirty and from when it can be clean", () => {
    const [header, line, reason] = print({ days: [day] });
    expect(header).toMatch(/^day +rows +new +changed +people +bytes +training +state$/);
    expect(line).toMatch(/^2026-11-16 +7 +3 +0 +2 +4,321 +1 +dirty$/);
    expect(reason).toBe(
      "2026-11-16 is dirty: 2 of its shards changed since their rows were read; npx hilo export 2026-11-16 from 2026-11-20T10:00:17Z on exports it again",
    );
  });

  it("that today is not over", () => {
    expect(print({ days: [day] }, "2026-11-16")[2]).toContain("2026-11-16 is not over");
  });

  it("days that failed with their error, and what the run failed with", () => {
    const lines = print({
      days: [{ ...day, state: "clean", reasons: [] }],
      failed: [{ day: "2026-11-17", error: "PermanentError" }],
      failure: "TIMED_OUT",
      errors: ["PermanentError: lake: lost"],
    });
    expect(lines.slice(2)).toEqual([
      expect.stringMatching(/^2026-11-17 .*failed: PermanentError$/),
      "the export failed: TIMED_OUT",
      "PermanentError: lake: lost",
    ]);
  });

  it("that there is nothing to export", () => {
    expect(print({})).toEqual(["nothing to export"]);
  });

  it("differences with the first of their names", () => {
    const names = Array.from({ length: 25 }, (_, n) => `m${n}`);
    const text = formatVerification({
      day: "2026-11-16",
      state: "clean",
      rows: 1234,
      lakeRows: 1210,
      differences: [{ kind: "missing", count: 25, names }],
    });
    expect(text).toBe(
      `2026-11-16: DIFFERENT; 1,234 rows in the table, 1,210 in the lake; clean\n  missing: ${names.slice(0, 20).join(", ")}, and 5 more (--json)`,
    );
  });
});
