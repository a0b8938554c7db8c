import { InvalidRequest } from "./errors.ts";
import type { Execution } from "./execution.ts";
import type { TextRow } from "./result-text.ts";

/** Rows of one page at most, and where nothing is said. */
const PAGE = 1_000;

/** What `GetQueryResults` answers for a finished execution. @throws InvalidRequest when there is no such page */
export function resultsPage(
  { id, state, statement, columns, rows }: Execution,
  {
    maxResults = PAGE,
    nextToken,
  }: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
): object {
  if (state === "FAILED" || state === "CANCELLED")
    throw new InvalidRequest(`Query did not finish successfully. Final query state: ${state}`);
  if (state !== "SUCCEEDED") throw new InvalidRequest(`Query has not yet finished. Current state: ${state}`);
  const from = nextToken === undefined ? 0 : readToken(nextToken, id);
  // The header is the first row of a query's result and counts as one.
  const header: TextRow[] = statement.statementType === "DML" ? [columns.map(({ Name }) => Name)] : [];
  const total = header.length + rows.length;
  const to = Math.min(from + maxResults, total);
  const page = [
    ...header.slice(from),
    ...rows.slice(Math.max(0, from - header.length), Math.max(0, to - header.length)),
  ];
  return {
    UpdateCount: 0,
    ResultSet: {
      Rows: page.map((row) => ({
        Data: row.map((value) => (value === null ? {} : { VarCharValue: value })),
      })),
      ResultSetMetadata: { ColumnInfo: columns },
    },
    NextToken: to < total ? writeToken(to, id) : undefined,
  };
}

function writeToken(from: number, id: string): string {
  return Buffer.from(`${id} ${from}`).toString("base64");
}

function readToken(token: string, id: string): number {
  const [owner, from] = Buffer.from(token, "base64").toString().split(" ");
  if (owner !== id || !/^\d+$/.test(from ?? "")) throw new InvalidRequest("Invalid NextToken");
  return Number(from);
}
