import type { DayVerification } from "../../functions/core/use-cases/verify-days.ts";
import { alignColumns } from "../metrics/table.ts";
import type { ExportedDay, ExportOutcome } from "./run-export.ts";

/** Names that a difference shows. */
const NAMES_SHOWN = 20;
const count = new Intl.NumberFormat("en");

/** A line for each day, then what keeps days dirty, and what failed. */
export function formatExport({ days, failed, failure, errors }: ExportOutcome, today: string): string {
  const table = alignColumns(
    [
      ["day", "rows", "new", "changed", "people", "bytes", "training", "state"],
      ...days.map((day) => [
        day.day,
        count.format(day.rows),
        count.format(day.added),
        count.format(day.updated),
        count.format(day.people),
        count.format(day.bytes),
        day.trainingRecords === undefined ? "-" : count.format(day.trainingRecords),
        day.state,
      ]),
      ...failed.map(({ day, error }) => [day, "-", "-", "-", "-", "-", "-", `failed: ${error}`]),
    ],
    ["left", "right", "right", "right", "right", "right", "right", "left"],
  );
  return [
    ...(days.length + failed.length > 0 ? table : failure === undefined ? ["nothing to export"] : []),
    ...days.filter(({ state }) => state === "dirty").map((day) => explain(day, today)),
    ...(failure === undefined ? [] : [`the export failed: ${failure}`]),
    ...errors,
  ].join("\n");
}

function explain({ day, reasons, settledAt }: ExportedDay, today: string): string {
  if (day >= today)
    return `${day} is not over: what it has so far is in the lake, and it stays dirty until it is exported after its end`;
  const when = settledAt === undefined ? "" : ` from ${settledAt.slice(0, 19)}Z on`;
  return `${day} is dirty: ${reasons.join("; ")}; npx hilo export ${day}${when} exports it again`;
}

/** A line for each day, then each difference with names of what differs. */
export function formatVerification({ day, state, rows, lakeRows, differences }: DayVerification): string {
  const verdict = differences.length === 0 ? "equal" : "DIFFERENT";
  return [
    `${day}: ${verdict}; ${count.format(rows)} rows in the table, ${count.format(lakeRows)} in the lake; ${state}`,
    ...differences.map(({ kind, count: total, names }) => {
      const more = total > NAMES_SHOWN ? `, and ${count.format(total - NAMES_SHOWN)} more (--json)` : "";
      return `  ${kind}: ${names.slice(0, NAMES_SHOWN).join(", ")}${more}`;
    }),
  ].join("\n");
}
