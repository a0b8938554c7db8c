import type { ColumnInfo, Row } from "@aws-sdk/client-athena";
import type { QueryValue } from "../../core/ports/query-runner.ts";

/** A row of a result by the names of its columns. */
export type TypedRow = Readonly<Record<string, QueryValue>>;

/**
 * Types the rows of a page by the columns' types. `bigint` is exact, `double` includes NaN and the infinities, a
 * missing text is null and an empty one is empty. Decimals, dates, timestamps and nested values stay text.
 */
export function typeRows(columns: readonly ColumnInfo[], rows: readonly Row[]): TypedRow[] {
  return rows.map(({ Data: data = [] }) =>
    Object.fromEntries(
      columns.map(({ Name = "", Type = "" }, index) => [Name, typeValue(data[index]?.VarCharValue, Type)]),
    ),
  );
}

function typeValue(text: string | undefined, type: string): QueryValue {
  if (text === undefined) return null;
  switch (type) {
    case "bigint":
      return BigInt(text);
    case "tinyint":
    case "smallint":
    case "integer":
    case "double":
    case "float":
      // Athena writes NaN and Infinity as JavaScript reads them.
      return Number(text);
    case "boolean":
      return text === "true";
    default:
      return text;
  }
}
