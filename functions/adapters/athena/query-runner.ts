import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  InvalidRequestException,
  type QueryExecution,
  StartQueryExecutionCommand,
  StopQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { toAthenaLiterals } from "../../core/domain/athena-literal.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { QueryCancelledError, QueryFailedError } from "../../core/domain/query-errors.ts";
import type { QueryResult, QueryRunner } from "../../core/ports/query-runner.ts";
import { type Patience, patientCall, type Sleep } from "./patient-call.ts";
import { safeReason } from "./safe-reason.ts";
import { type TypedRow, typeRows } from "./typed-rows.ts";

/** What a runner works with; time and chance are given by tests. */
export interface QueryRunnerDeps {
  readonly client: AthenaClient;
  readonly workGroup: string;
  readonly database: string;
  readonly now?: () => number;
  readonly sleep?: Sleep;
  readonly random?: () => number;
}

/** Milliseconds that a query may take where nothing else is said. */
const TIMEOUT_MS = 120_000;
/** Milliseconds between two looks at a query: few at first, then more. */
const FIRST_POLL_MS = 100;
const LAST_POLL_MS = 2_000;
const POLL_GROWTH = 1.5;
/** Milliseconds that stopping a query may be tried for. */
const STOP_MS = 5_000;
/** Rows of one page, the most that Athena gives. */
const PAGE = 1_000;

/** Runs queries on Athena, parameters as typed literals only. */
export function createQueryRunner(deps: QueryRunnerDeps): QueryRunner {
  const { client, workGroup, database } = deps;
  const now = deps.now ?? Date.now;
  const sleep: Sleep = deps.sleep ?? ((ms, signal) => setTimeout(ms, undefined, signal ? { signal } : {}));
  const random = deps.random ?? Math.random;

  const start = async (sql: string, literals: readonly string[], patience: Patience): Promise<string> => {
    const command = new StartQueryExecutionCommand({
      QueryString: sql,
      // One token a run: a start that is repeated because its answer was lost starts nothing twice.
      ClientRequestToken: randomUUID(),
      WorkGroup: workGroup,
      QueryExecutionContext: { Catalog: "AwsDataCatalog", Database: database },
      ...(literals.length > 0 ? { ExecutionParameters: [...literals] } : {}),
    });
    const { QueryExecutionId: id } = await patientCall("StartQueryExecution", workGroup, patience, () =>
      client.send(command),
    );
    if (!id) throw new TransientError(`Athena StartQueryExecution on ${workGroup}: no id in the answer`);
    return id;
  };

  const stop = async (QueryExecutionId: string): Promise<void> => {
    const patience = { now, sleep, random, deadline: now() + STOP_MS, signal: undefined };
    // The caller hears why it was to be stopped; what cannot be stopped ends by Athena's own limits.
    await patientCall("StopQueryExecution", workGroup, patience, () =>
      client.send(new StopQueryExecutionCommand({ QueryExecutionId })),
    ).catch(() => undefined);
  };

  const waitForEnd = async (QueryExecutionId: string, patience: Patience): Promise<QueryExecution> => {
    for (let pause = FIRST_POLL_MS; ; pause = Math.min(LAST_POLL_MS, pause * POLL_GROWTH)) {
      patience.signal?.throwIfAborted();
      const { QueryExecution: execution } = await patientCall("GetQueryExecution", workGroup, patience, () =>
        client.send(new GetQueryExecutionCommand({ QueryExecutionId })),
      );
      const state = execution?.Status?.State;
      if (execution && state !== "QUEUED" && state !== "RUNNING") return execution;
      if (now() >= patience.deadline) throw new DeadlinePassed();
      const wait = Math.min(pause * (0.5 + random() / 2), Math.max(0, patience.deadline - now()));
      await sleep(wait, patience.signal);
    }
  };

  const read = async (execution: QueryExecution, patience: Patience): Promise<QueryResult> => {
    const bytesScanned = execution.Statistics?.DataScannedInBytes ?? 0;
    const rows: TypedRow[] = [];
    let columns: QueryResult["columns"] = [];
    let NextToken: string | undefined;
    // The first row of a query's result is its header.
    let skip = execution.StatementType === "DML" ? 1 : 0;
    do {
      const command = new GetQueryResultsCommand({
        QueryExecutionId: execution.QueryExecutionId,
        MaxResults: PAGE,
        NextToken,
      });
      const page = await patientCall("GetQueryResults", workGroup, patience, () => client.send(command));
      const info = page.ResultSet?.ResultSetMetadata?.ColumnInfo ?? [];
      columns = info.map(({ Name = "", Type = "" }) => ({ name: Name, type: Type }));
      rows.push(...typeRows(info, page.ResultSet?.Rows?.slice(skip) ?? []));
      skip = 0;
      NextToken = page.NextToken;
      patience.signal?.throwIfAborted();
    } while (NextToken !== undefined);
    return { columns, rows, bytesScanned };
  };

  return {
    async run(sql, parameters = [], { signal, timeoutMs = TIMEOUT_MS } = {}) {
      const literals = toAthenaLiterals(parameters);
      if (signal?.aborted) throw new QueryCancelledError("the query was cancelled before it began");
      const patience: Patience = { now, sleep, random, deadline: now() + timeoutMs, signal };
      let running: string | undefined;
      try {
        const id = await start(sql, literals, patience);
        running = id;
        const execution = await waitForEnd(id, patience);
        running = undefined;
        expectSuccess(execution);
        return await read(execution, patience);
      } catch (error) {
        if (running !== undefined) await stop(running);
        if (signal?.aborted) throw new QueryCancelledError("the query was cancelled by its caller");
        if (error instanceof DeadlinePassed)
          throw new TransientError(
            `Athena on ${workGroup}: no result after ${timeoutMs} ms; the query was stopped`,
          );
        if (error instanceof InvalidRequestException)
          throw new QueryFailedError(`Athena refused the query: ${safeReason(error.message)}`);
        throw error;
      }
    },
  };
}

/** Nothing came of a query in time. */
class DeadlinePassed extends Error {}

/** @throws QueryFailedError | QueryCancelledError | TransientError where Athena gave up by itself */
function expectSuccess({ Status: status }: QueryExecution): void {
  const state = status?.State;
  if (state === "SUCCEEDED") return;
  const reason = safeReason(
    status?.StateChangeReason ?? status?.AthenaError?.ErrorMessage ?? "no reason given",
  );
  if (state === "CANCELLED") throw new QueryCancelledError(`the query was cancelled: ${reason}`);
  if (status?.AthenaError?.Retryable) throw new TransientError(`Athena gave the query up: ${reason}`);
  throw new QueryFailedError(`the query failed: ${reason}`);
}
