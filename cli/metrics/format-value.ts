import type { MetricRow } from "../../functions/core/domain/metric-lines.ts";

/** A number as people read it; what there is none of is a dash. */
export function formatValue(value: MetricRow[string] | undefined): string {
  if (value === undefined || value === null) return "–";
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return Math.abs(value) < 10 ? value.toFixed(3) : value.toFixed(1);
}
