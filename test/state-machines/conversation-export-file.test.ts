import { describe, expect, it } from "vitest";
import { everyState, readMachine } from "./machine-file.ts";

const { text, machine, functions } = readMachine("conversation-export");

const states = everyState(machine);
const tasks = states.filter(([, { Type }]) => Type === "Task");
const stateOf = (name: string) => {
  const found = states.find(([known]) => known === name)?.[1];
  if (found === undefined) throw new Error(`no state ${name}`);
  return found;
};

describe("conversation-export.asl.json", () => {
  it("calls the six functions of the lake and nothing else", () => {
    expect(functions.toSorted()).toEqual([
      "ExportDay",
      "FinishDay",
      "PlanExport",
      "PublishStaged",
      "RunGlueJob",
      "WriteDailyMetrics",
    ]);
    for (const [name, { Resource }] of tasks) expect(Resource, name).toBe("arn:aws:states:::lambda:invoke");
  });

  it("gives every task a time limit and bounded retries of named errors, after random waits", () => {
    expect(tasks.length).toBeGreaterThan(6);
    for (const [name, { TimeoutSeconds, Retry }] of tasks) {
      expect(TimeoutSeconds, name).toBeGreaterThan(0);
      expect(Retry, name).toHaveLength(1);
      for (const retrier of Retry ?? []) {
        expect(retrier.ErrorEquals, name).toContain("TransientError");
        expect(retrier.ErrorEquals, name).toContain("States.Timeout");
        for (const wide of ["States.ALL", "States.TaskFailed", "PermanentError", "DayTooLargeError"])
          expect(retrier.ErrorEquals, name).not.toContain(wide);
        expect(retrier.JitterStrategy, name).toBe("FULL");
        expect(retrier.MaxAttempts, name).toBeLessThanOrEqual(8);
        expect(retrier.MaxDelaySeconds, name).toBeGreaterThanOrEqual(retrier.IntervalSeconds);
      }
    }
  });

  it("has room for all attempts of a plan of many days", () => {
    const longest = (name: string): number => {
      const { TimeoutSeconds = 0, Retry = [] } = stateOf(name);
      const retries = Retry.reduce(
        (sum, { MaxAttempts, MaxDelaySeconds }) => sum + MaxAttempts * (MaxDelaySeconds + TimeoutSeconds),
        0,
      );
      return TimeoutSeconds + retries;
    };
    const day = longest("ExportDay") + longest("FinishDay") + longest("WriteDailyMetrics");
    expect(day).toBeLessThan(machine.TimeoutSeconds / 4);
  });

  it("finishes a day last: what fails leaves it dirty, so that the next night comes back to it", () => {
    expect(stateOf("FinishDay").Next).toBe("DayExported");
    expect(stateOf("DayExported").Type).toBe("Pass");
    const before = states.filter(([, { Next, Default }]) => [Next, Default].includes("FinishDay"));
    expect(before.map(([name]) => name)).toEqual(["WriteDailyMetrics"]);
  });

  it("works on two days at once, on patterns one day after the other", () => {
    expect(stateOf("ForEachDay").MaxConcurrency).toBe(2);
    expect(stateOf("ExportObjects").MaxConcurrency).toBe(2);
    expect(stateOf("ForEachPatterns").MaxConcurrency).toBe(1);
  });

  it("gives functions days, numbers and names, nothing of people", () => {
    const fields = tasks.flatMap(([, { Parameters }]) => {
      const payload = Parameters?.["Payload"];
      return typeof payload === "object" && payload !== null ? Object.keys(payload) : [];
    });
    expect([...new Set(fields)].sort()).toEqual(
      ["arguments", "day.$", "job", "object.$", "objects.$", "runId.$", "source.$"].sort(),
    );
  });

  it("names no account, region or resource", () => {
    expect(text).not.toMatch(/\d{12}|us-east-1|:function:|hilo-/);
  });
});
