import type { TypedParameter } from "../../../functions/core/domain/athena-literal.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { QueryFiles } from "../../../functions/core/domain/query-file.ts";
import type { QueryRunner } from "../../../functions/core/ports/query-runner.ts";
import { EXPECTED } from "./expected.ts";

/** Answers the queries of `queries/` from rows that a test gives, by the second computation instead of SQL. */
export function createFakeQueryRunner(
  queries: QueryFiles,
  rows: () => readonly LakeRow[],
): QueryRunner & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async run(sql, parameters = []) {
      const query = [...queries.values()].find((file) => file.sql === sql);
      const compute = EXPECTED[query?.name ?? ""];
      if (query === undefined || compute === undefined) throw new Error("the fake knows no such query");
      asked.push(query.name);
      const valueFor = (name: string): TypedParameter["value"] | undefined =>
        parameters[query.parameters.findIndex((parameter) => parameter.name === name)]?.value;
      const from = String(valueFor("date") ?? valueFor("from"));
      const to = String(valueFor("date") ?? valueFor("to"));
      return {
        columns: query.columns.map(({ name, type }) => ({ name, type })),
        rows: compute(rows(), { from, to, timezone: String(valueFor("timezone")) }),
        bytesScanned: 0,
      };
    },
  };
}
