import type { Execution, ExecutionFailure } from "./execution.ts";
import type { ResultStore } from "./result-store.ts";
import { createRowPrinter, csvLine, describeColumn, type TextRow, textLine } from "./result-text.ts";
import { bindParameters } from "./sql.ts";
import { runStatement, type TrinoAnswer, type TrinoColumn, type TrinoError } from "./trino-client.ts";

/** What the runs of queries use. */
export interface RunDeps {
  readonly trinoUrl: string;
  readonly results: ResultStore;
}

const BYTES_EXCEEDED = "Bytes scanned limit was exceeded";
/** Why a client that stopped its query sees it end. */
export const STOPPED = "Query cancelled by user";

/** Runs an execution to one of its ends; never throws. */
export async function runExecution(execution: Execution, { trinoUrl, results }: RunDeps): Promise<void> {
  const { request, statement, cancel, rules } = execution;
  let columns: readonly TrinoColumn[] | undefined;
  let print: ((row: readonly unknown[]) => TextRow) | undefined;
  const take = (answer: TrinoAnswer): void => {
    if (execution.state === "QUEUED" && answer.stats.state !== "QUEUED") execution.state = "RUNNING";
    execution.statistics = statisticsOf(answer, statement.statementType === "DML");
    if (answer.columns && !columns) {
      columns = answer.columns;
      print = createRowPrinter(columns);
    }
    for (const row of answer.data ?? []) if (print) execution.rows.push(print(row));
    if (rules.bytesLimit !== undefined && answer.stats.physicalInputBytes > rules.bytesLimit)
      cancel.abort(BYTES_EXCEEDED);
  };
  try {
    const { error } = await runStatement({
      url: trinoUrl,
      sql: bindParameters(statement.sql, request.parameters),
      database: request.database,
      signal: cancel.signal,
      onAnswer: take,
    });
    cancel.signal.throwIfAborted();
    if (error) return end(execution, "FAILED", failureOf(error));
    execution.columns = (columns ?? []).map(describeColumn);
    await results.write(execution.location, execution.place, contentOf(execution));
    end(execution, "SUCCEEDED");
  } catch (error) {
    if (cancel.signal.aborted) return end(execution, "CANCELLED", undefined, String(cancel.signal.reason));
    const message = error instanceof Error ? error.message : String(error);
    end(execution, "FAILED", { category: 1, retryable: true, message: `GENERIC_INTERNAL_ERROR: ${message}` });
  }
}

/** Content of the result's file: CSV with a header for queries, plain text for utility statements. */
function contentOf({ statement, columns, rows }: Execution): string {
  if (statement.statementType !== "DML") return rows.map(textLine).join("");
  return [columns.map(({ Name }) => Name), ...rows].map(csvLine).join("");
}

/** Athena's words for Trino's: the error's name, then what Trino said. */
export function failureOf({ errorName, errorType, message }: TrinoError): ExecutionFailure {
  const category = errorType === "USER_ERROR" ? 2 : errorType === "EXTERNAL" ? 3 : 1;
  return { category, retryable: category === 1, message: `${errorName}: ${message}` };
}

function end(
  execution: Execution,
  state: Execution["state"],
  failure?: ExecutionFailure,
  reason = failure?.message,
): void {
  if (state !== "SUCCEEDED") execution.rows = [];
  execution.failure = failure;
  execution.reason = reason;
  execution.completed = Date.now();
  execution.state = state;
}

/** What only looks into the catalog scans nothing. */
function statisticsOf({ stats }: TrinoAnswer, scans: boolean): Execution["statistics"] {
  return {
    bytesScanned: scans ? stats.physicalInputBytes : 0,
    engine: Math.max(0, stats.elapsedTimeMillis - stats.queuedTimeMillis),
    queue: stats.queuedTimeMillis,
    planning: stats.planningTimeMillis,
    finishing: stats.finishingTimeMillis,
  };
}
