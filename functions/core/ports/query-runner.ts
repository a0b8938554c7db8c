import type { TypedParameter } from "../domain/athena-literal.ts";

/** What a query gives a value of a column as. Dates and timestamps are text as Athena prints them. */
export type QueryValue = string | number | bigint | boolean | null;

/** A query's result: columns with Athena's type names, and rows as objects. */
export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: readonly Readonly<Record<string, QueryValue>>[];
  readonly bytesScanned: number;
}

/** Runs queries with parameters. */
export interface QueryRunner {
  /**
   * Runs one query to its end.
   * @param sql text with `?` where parameters go; never contains a value
   * @throws InvalidQueryParameterError before anything is sent; QueryFailedError | QueryCancelledError; TransientError
   */
  run(
    sql: string,
    parameters?: readonly TypedParameter[],
    options?: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ): Promise<QueryResult>;
}
