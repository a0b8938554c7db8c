import type { ColumnInfo, TextRow } from "./result-text.ts";
import type { ParsedStatement } from "./sql.ts";
import type { ResultPlace, WorkGroupRules } from "./workgroups.ts";

/** What a client asks to be run. */
export interface ExecutionRequest {
  readonly query: string;
  readonly parameters: readonly string[];
  readonly database: string | undefined;
  readonly catalog: string | undefined;
  readonly workGroup: string;
}

export type ExecutionState = "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

/** Why an execution failed. */
export interface ExecutionFailure {
  /** 1 for the engine's fault, 2 for the asker's, 3 for others. */
  readonly category: 1 | 2 | 3;
  readonly retryable: boolean;
  readonly message: string;
}

/** Times of a finished or running execution in milliseconds, and what it read. */
export interface ExecutionStatistics {
  readonly bytesScanned: number;
  readonly engine: number;
  readonly queue: number;
  readonly planning: number;
  readonly finishing: number;
}

/** One run of a query. Only its runner changes it. */
export interface Execution {
  readonly id: string;
  readonly request: ExecutionRequest;
  readonly statement: ParsedStatement;
  readonly rules: WorkGroupRules;
  readonly place: ResultPlace;
  /** `s3://` address of the result's file. */
  readonly location: string;
  readonly submitted: number;
  readonly cancel: AbortController;
  state: ExecutionState;
  reason: string | undefined;
  failure: ExecutionFailure | undefined;
  completed: number | undefined;
  statistics: ExecutionStatistics;
  columns: readonly ColumnInfo[];
  rows: TextRow[];
}

const SECOND = 1_000;

/** What `GetQueryExecution` says about an execution. */
export function describeExecution(execution: Execution): object {
  const { id, request, statement, place, location, state, statistics, completed, submitted } = execution;
  const total = (completed ?? Date.now()) - submitted;
  return {
    QueryExecutionId: id,
    Query: request.query,
    StatementType: statement.statementType,
    SubstatementType: statement.substatementType,
    ResultConfiguration: { ...place, OutputLocation: location },
    ResultReuseConfiguration: { ResultReuseByAgeConfiguration: { Enabled: false } },
    QueryExecutionContext: { Database: request.database, Catalog: request.catalog },
    Status: {
      State: state,
      StateChangeReason: execution.reason,
      SubmissionDateTime: submitted / SECOND,
      CompletionDateTime: completed === undefined ? undefined : completed / SECOND,
      AthenaError: execution.failure && {
        ErrorCategory: execution.failure.category,
        Retryable: execution.failure.retryable,
        ErrorMessage: execution.failure.message,
      },
    },
    Statistics: {
      EngineExecutionTimeInMillis: statistics.engine,
      DataScannedInBytes: statistics.bytesScanned,
      TotalExecutionTimeInMillis: total,
      QueryQueueTimeInMillis: statistics.queue,
      QueryPlanningTimeInMillis: statistics.planning,
      ServiceProcessingTimeInMillis: Math.max(0, total - statistics.engine - statistics.queue),
    },
    WorkGroup: request.workGroup,
    EngineVersion: {
      SelectedEngineVersion: "AUTO",
      EffectiveEngineVersion: "Athena engine version 3",
    },
    ExecutionParameters: request.parameters.length > 0 ? request.parameters : undefined,
  };
}
