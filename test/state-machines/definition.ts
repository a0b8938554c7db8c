import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const retrier = z.strictObject({
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.number(),
  MaxAttempts: z.number(),
  BackoffRate: z.number(),
  MaxDelaySeconds: z.number(),
  JitterStrategy: z.string(),
});

const task = z.strictObject({
  Comment: z.string(),
  Type: z.literal("Task"),
  Resource: z.string(),
  Parameters: z.strictObject({ FunctionName: z.string(), Payload: z.record(z.string(), z.string()) }),
  ResultSelector: z.record(z.string(), z.string()),
  ResultPath: z.string(),
  TimeoutSeconds: z.number(),
  Retry: z.array(retrier),
  Catch: z
    .array(z.strictObject({ ErrorEquals: z.array(z.string()), ResultPath: z.string(), Next: z.string() }))
    .default([]),
  Next: z.string(),
});

const definition = z.strictObject({
  Comment: z.string(),
  StartAt: z.string(),
  TimeoutSeconds: z.number(),
  States: z.strictObject({
    StoreInCache: task,
    StoreToDynamoDB: task,
    IndexToOpenSearch: task,
    CheckForAnalytics: z.looseObject({ Type: z.literal("Choice"), Default: z.string() }),
    PerformAnalytics: task,
    Success: z.looseObject({ Type: z.literal("Succeed"), OutputPath: z.string() }),
  }),
});

export const TASKS = ["StoreInCache", "StoreToDynamoDB", "IndexToOpenSearch", "PerformAnalytics"] as const;
export type TaskName = (typeof TASKS)[number];

const FILE = join(import.meta.dirname, "..", "..", "state-machines", "message-pipeline.asl.json");

/** The file of the state machine, as it is deployed. */
export const MESSAGE_PIPELINE_TEXT = readFileSync(FILE, "utf8");

/** The same, parsed: a state or field that is not known here is an error. */
export const MESSAGE_PIPELINE = definition.parse(JSON.parse(MESSAGE_PIPELINE_TEXT));
