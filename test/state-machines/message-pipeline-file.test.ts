import { describe, expect, it } from "vitest";
import { MESSAGE_PIPELINE, MESSAGE_PIPELINE_TEXT, TASKS } from "./definition.ts";

const { States } = MESSAGE_PIPELINE;

describe("message-pipeline.asl.json", () => {
  it("has the given states in the given order", () => {
    expect(MESSAGE_PIPELINE.StartAt).toBe("StoreInCache");
    expect(States.StoreInCache.Next).toBe("StoreToDynamoDB");
    expect(States.StoreToDynamoDB.Next).toBe("IndexToOpenSearch");
    expect(States.IndexToOpenSearch.Next).toBe("CheckForAnalytics");
    expect(States.CheckForAnalytics).toMatchObject({
      Choices: [{ Variable: "$.shouldAnalyze", BooleanEquals: true, Next: "PerformAnalytics" }],
      Default: "Success",
    });
    expect(States.PerformAnalytics.Next).toBe("Success");
  });

  it.each(TASKS)("%s calls its own function and keeps only its outcomes", (name) => {
    const { Resource, Parameters, ResultSelector, ResultPath } = States[name];
    expect(Resource).toBe("arn:aws:states:::lambda:invoke");
    expect(Parameters.FunctionName).toBe(`\${${name}Arn}`);
    expect(ResultSelector).toEqual({ "outcomes.$": "$.Payload.outcomes" });
    expect(ResultPath).toMatch(/^\$\.outcomes\.[a-z]+$/);
  });

  it.each(TASKS)("%s retries named errors once, after a random wait that is bounded", (name) => {
    const { Retry } = States[name];
    expect(Retry).toHaveLength(1);
    for (const retrier of Retry) {
      expect(retrier.ErrorEquals).toContain("TransientError");
      expect(retrier.ErrorEquals).toContain("Lambda.TooManyRequestsException");
      for (const wide of ["States.ALL", "States.TaskFailed", "PermanentError"]) {
        expect(retrier.ErrorEquals).not.toContain(wide);
      }
      expect(retrier).toMatchObject({ MaxAttempts: 1, JitterStrategy: "FULL" });
      expect(retrier.MaxDelaySeconds).toBeGreaterThanOrEqual(retrier.IntervalSeconds);
    }
  });

  it("goes on without the cache, the index or the analysis, never without the rows", () => {
    for (const [name, next] of [
      ["StoreInCache", "StoreToDynamoDB"],
      ["IndexToOpenSearch", "CheckForAnalytics"],
      ["PerformAnalytics", "Success"],
    ] as const) {
      const { Catch, ResultPath } = States[name];
      expect(Catch).toEqual([{ ErrorEquals: ["States.ALL"], ResultPath, Next: next }]);
    }
    expect(States.StoreToDynamoDB.Catch).toEqual([]);
  });

  it("returns outcomes only, so that no text travels back", () => {
    expect(States.Success.OutputPath).toBe("$.outcomes");
  });

  it("names no account, region or resource", () => {
    expect(MESSAGE_PIPELINE_TEXT).not.toMatch(/\d{12}|us-east-1|:function:/);
  });
});
