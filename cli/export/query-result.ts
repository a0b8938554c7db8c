import { bindQuery, type QueryFile } from "../../functions/core/domain/query-file.ts";
import { isAsked, withReportingDays } from "../../functions/core/domain/reporting-day.ts";
import type { QueryResult } from "../../functions/core/ports/query-runner.ts";
import { queryNamed } from "../../functions/core/use-cases/ask-query.ts";
import { CommandFailure } from "../failure.ts";
import { type Lake, withLake } from "../metrics/lake.ts";
import type { StageSession } from "../stage-session.ts";
import { type ResultFormat, writeResult } from "./result-file.ts";

/** A query of `queries/`, its parameters as people write them, and where its result goes. */
export interface QueryExport {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly format: ResultFormat;
  /** Replaced whole, or left as it is. */
  readonly file: string;
}

export interface ExportedQuery {
  readonly file: string;
  readonly rows: number;
  readonly bytesScanned: number;
}

/**
 * Writes a query's result to a file.
 * @throws CommandFailure that lists the queries, or the query's parameters, where name or parameters are wrong
 */
export async function exportQuery(session: StageSession, wanted: QueryExport): Promise<ExportedQuery> {
  return withLake(session, async (lake) => {
    const result = await ask(wanted, lake);
    await writeResult(wanted.name, result, wanted.format, wanted.file);
    return { file: wanted.file, rows: result.rows.length, bytesScanned: result.bytesScanned };
  });
}

async function ask({ name, parameters }: QueryExport, lake: Lake): Promise<QueryResult> {
  const query = queryNamed(name, lake.queries);
  try {
    return await lake.runner.run(
      query.sql,
      bindQuery(query, withReportingDays(query, parameters, lake.timeZone)),
    );
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailure(`${error.message}\n${describeQuery(query)}`, 2);
    throw error;
  }
}

/** What a query tells and which parameters it takes, a line each. */
export function describeQuery({ name, description, parameters }: QueryFile): string {
  const asked = parameters.filter((parameter) => isAsked(parameter.name));
  return [
    `${name}: ${description}`,
    ...asked.map((parameter) => `  --param ${parameter.name}=<${parameter.type}>  ${parameter.meaning}`),
    ...(parameters.some((parameter) => parameter.name === "timezone")
      ? ["  --param timezone=<string>  IANA name; the stage's reporting time zone unless given"]
      : []),
  ].join("\n");
}
