import type { MetricRow } from "../../functions/core/domain/metric-lines.ts";
import { formatValue } from "./format-value.ts";
import { alignColumns } from "./table.ts";

/** Columns of the table of groups, and how people call them. */
const SHOWN = {
  activity: "active on",
  top_intent: "wants most",
  users: "people",
  user_messages: "messages",
  sessions: "sessions",
  escalations: "escalations",
  avg_sentiment: "sentiment",
  avg_response_time: "answered in ms",
} as const;

/** Groups of people, the largest first. */
export function formatGroups(groups: readonly MetricRow[]): string {
  const names = Object.keys(SHOWN);
  const rows = groups.map((group) => names.map((name) => formatValue(group[name])));
  return alignColumns(
    [Object.values(SHOWN), ...rows],
    names.map((_, index) => (index < 2 ? "left" : "right")),
  ).join("\n");
}

/** Everything of one person, a line each. */
export function formatPerson(person: MetricRow): string {
  const rows = Object.entries(person).map(([name, value]) => [name, formatValue(value)]);
  return alignColumns(rows, ["left", "left"]).join("\n");
}
