import { bindQuery, type QueryFile, type QueryFiles, type QueryValues } from "../domain/query-file.ts";
import { withReportingDays } from "../domain/reporting-day.ts";
import type { QueryResult, QueryRunner } from "../ports/query-runner.ts";

export interface AskQueryDeps {
  readonly queries: QueryFiles;
  readonly runner: QueryRunner;
  /** Zone whose days and hours count where none is asked for. */
  readonly timeZone: string;
}

/**
 * Runs a query of `queries/`; partitions and the time zone are filled in.
 * @param values what it takes besides, by name
 * @throws RangeError when there is no such query or a value is missing, unknown or of another type: nothing was sent
 * @throws QueryFailedError | QueryCancelledError | TransientError
 */
export async function askQuery(name: string, values: QueryValues, deps: AskQueryDeps): Promise<QueryResult> {
  const query = queryNamed(name, deps.queries);
  const parameters = bindQuery(query, withReportingDays(query, values, deps.timeZone));
  return deps.runner.run(query.sql, parameters);
}

/** @throws RangeError that lists the queries when there is none of this name */
export function queryNamed(name: string, queries: QueryFiles): QueryFile {
  const query = queries.get(name);
  if (query === undefined)
    throw new RangeError(
      `There is no query of this name; there are: ${[...queries.keys()].sort().join(", ")}`,
    );
  return query;
}
