import { parseWithSource, rawInteger } from "./json.ts";

/** A value of a metric's row. */
type MetricValue = string | number | bigint | boolean | null;

/** A row of metrics by the names of its columns. */
export type MetricRow = Readonly<Record<string, MetricValue>>;

/** Rows as JSON lines, columns in their order; whole numbers beyond 2^53 keep all their digits. */
export function toJsonLines(rows: readonly MetricRow[]): string {
  return rows.map((row) => `${jsonOf(row)}\n`).join("");
}

/** One row as JSON. */
export const jsonOf = (row: MetricRow): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? rawInteger(value) : value));

/**
 * Reads JSON lines back. Whole numbers beyond 2^53 become `bigint`, others `number`.
 * @throws SyntaxError when a line is no JSON
 */
export function fromJsonLines(text: string): MetricRow[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(
      (line) =>
        parseWithSource(line, (_, value, { source }) =>
          typeof value === "number" && /^-?\d{16,}$/.test(source ?? "") ? BigInt(source ?? "") : value,
        ) as MetricRow,
    );
}
