import { paginateGetExecutionHistory, type SFNClient } from "@aws-sdk/client-sfn";
import { z } from "zod";
import type { ExecutionUsage } from "./usage.ts";

/** Express bills time in steps of 100 ms and memory in steps of 64 MB; executions of small batches need the least. */
const TIME_STEP_MS = 100;
const LEAST_GIGABYTES = 64 / 1024;

/** A finished synchronous execution. */
export interface SeenExecution {
  readonly arn: string;
  readonly milliseconds: number;
}

const answer = z.looseObject({
  executionArn: z.string(),
  startDate: z.union([z.string(), z.number()]),
  stopDate: z.union([z.string(), z.number()]),
});

/** The execution that an answer of StartSyncExecution tells of. */
export function executionOf(body: string): SeenExecution {
  const { executionArn: arn, startDate, stopDate } = answer.parse(JSON.parse(body));
  return { arn, milliseconds: millisecondsOf(stopDate) - millisecondsOf(startDate) };
}

const millisecondsOf = (time: string | number): number =>
  typeof time === "number" ? time * 1_000 : Date.parse(time);

/** Asks for the history of each execution and adds up what happened. */
export async function readExecutions(
  client: SFNClient,
  executions: readonly SeenExecution[],
): Promise<ExecutionUsage> {
  let transitions = 0;
  let logBytes = 0;
  for (const { arn } of executions) {
    const pages = paginateGetExecutionHistory({ client }, { executionArn: arn, includeExecutionData: false });
    for await (const { events = [] } of pages) {
      transitions += events.filter(({ type }) => type?.endsWith("StateEntered")).length;
      logBytes += events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0);
    }
  }
  return {
    executions: executions.length,
    transitions,
    milliseconds: executions.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    gbSeconds: executions.reduce((sum, { milliseconds }) => sum + billedGbSeconds(milliseconds), 0),
    logBytes,
  };
}

/** What Express bills for one execution. */
export const billedGbSeconds = (milliseconds: number): number =>
  ((Math.max(1, Math.ceil(milliseconds / TIME_STEP_MS)) * TIME_STEP_MS) / 1_000) * LEAST_GIGABYTES;
