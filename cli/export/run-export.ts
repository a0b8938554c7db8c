import { setTimeout as sleep } from "node:timers/promises";
import {
  DescribeExecutionCommand,
  type HistoryEvent,
  paginateGetExecutionHistory,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { ExportRequest } from "../../functions/core/contracts/conversation-export.ts";
import type { DayReport } from "../../functions/core/use-cases/finish-day.ts";
import { CommandFailure } from "../failure.ts";
import type { StageSession } from "../stage-session.ts";
import { type ExecutionProgress, type PartReport, progressOf } from "./execution-events.ts";

const POLL_MS = 400;
const MOST_POLL_MS = 5_000;

/** A day that was exported: its report and the sums of its objects. */
export interface ExportedDay extends DayReport {
  readonly added: number;
  readonly updated: number;
  readonly kept: number;
  readonly fenced: number;
  /** Records of its training logs; `undefined` where it has none. */
  readonly trainingRecords?: number;
}

/** What an execution came to. */
export interface ExportOutcome {
  readonly days: readonly ExportedDay[];
  /** Days it began and did not end, with the error's name. */
  readonly failed: readonly { readonly day: string; readonly error: string }[];
  /** The execution's own failure, where it has one. */
  readonly failure?: string;
  /** Messages of the errors it met, where it failed. */
  readonly errors: readonly string[];
}

/**
 * Exports days by the stage's state machine and waits for the end.
 * @param watch is told of every step forward
 * @throws CommandFailure where the stage has no such machine
 */
export async function runExport(
  session: StageSession,
  request: ExportRequest,
  watch: (progress: ExecutionProgress) => void,
): Promise<ExportOutcome> {
  const machine = session.outputs.stateMachines["conversation-export"];
  if (machine === undefined)
    throw new CommandFailure("The stage has no state machine conversation-export: deploy it again");
  const client = session.stepFunctions();
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: machine, input: JSON.stringify(request) }),
  );
  for (let pause = POLL_MS; ; pause = Math.min(pause * 1.2, MOST_POLL_MS)) {
    const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
    const events: HistoryEvent[] = [];
    for await (const page of paginateGetExecutionHistory({ client, pageSize: 1_000 }, { executionArn }))
      events.push(...(page.events ?? []));
    const progress = progressOf(events);
    watch(progress);
    if (status !== "RUNNING") return outcomeOf(progress, status, error, cause);
    await sleep(pause);
  }
}

function outcomeOf(
  progress: ExecutionProgress,
  status: string | undefined,
  error = "",
  cause = "",
): ExportOutcome {
  const finished = progress.finished.toSorted((a, b) => (a.day < b.day ? -1 : 1));
  const days = finished.map((report) =>
    withParts(
      report,
      progress.exported.filter(({ day }) => day === report.day),
    ),
  );
  if (status === "SUCCEEDED") return { days, failed: [], errors: [] };
  const failed = [...cause.matchAll(/"(\d{4}-\d{2}-\d{2}): (\w[\w.]*)"/g)].map(([, day = "", name = ""]) => ({
    day,
    error: name,
  }));
  const failure = error === "DaysFailedError" ? {} : { failure: `${status} ${error}`.trim() };
  const patterns = [...cause.matchAll(/"(patterns of [^"]+)"/g)].map(([, text = ""]) => text);
  return {
    days: days.filter(({ day }) => !failed.some((one) => one.day === day)),
    failed,
    ...failure,
    errors: [...patterns, ...progress.errors],
  };
}

function withParts(report: DayReport, parts: readonly PartReport[]): ExportedDay {
  const sum = (field: "added" | "updated" | "kept" | "fenced"): number =>
    parts.reduce((total, part) => total + part[field], 0);
  const logs = parts.flatMap(({ sideFile }) => sideFile ?? []);
  return {
    ...report,
    added: sum("added"),
    updated: sum("updated"),
    kept: sum("kept"),
    fenced: sum("fenced"),
    ...(logs.length > 0 && { trainingRecords: logs.reduce((total, { records }) => total + records, 0) }),
  };
}
