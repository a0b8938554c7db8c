import { plot } from "asciichart";
import type { MetricRow } from "../../functions/core/domain/metric-lines.ts";
import type { QueryColumn } from "../../functions/core/domain/query-file.ts";
import { formatValue } from "./format-value.ts";
import type { DayDetails, DayMetrics } from "./read-metrics.ts";
import { alignColumns } from "./table.ts";

/** Metrics whose days may be summed; the others are left out of a range's last line. */
const ADDITIVE = [
  "total_messages",
  "total_tokens",
  "escalations",
  "positive_sentiment",
  "negative_sentiment",
];

/** Columns of a range's table; `--json` has all of them. */
const SHORT: Readonly<Record<string, string>> = {
  total_messages: "messages",
  unique_users: "users",
  distinct_sessions: "sessions",
  avg_confidence: "confidence",
  p50_processing_time: "p50 ms",
  p95_processing_time: "p95 ms",
  total_tokens: "tokens",
  escalations: "escalations",
  positive_sentiment: "positive",
  negative_sentiment: "negative",
};

const CHART_HEIGHT = 8;
/** Points that fit beside an axis in a usual terminal. */
const CHART_WIDTH = 80;

/** One day: each metric with its unit, messages by channel, and what is wrong with the data. */
export function formatDay(
  { date, source, metrics }: DayMetrics,
  columns: readonly QueryColumn[],
  { breakdown, quality, messagesWeekBefore }: DayDetails,
): string {
  const lines = columns
    .filter(({ name }) => name !== "date")
    .map(({ name, unit }) => [name, formatValue(metrics[name]), unit === "-" ? "" : unit]);
  const before =
    messagesWeekBefore === null ? [] : [["  a week before", String(messagesWeekBefore), "messages"]];
  const channels = breakdown
    .filter(({ dimension, metric }) => dimension === "channel" && metric === "total_messages")
    .toSorted((a, b) => Number(b["number"]) - Number(a["number"]))
    .map(({ value, number }) => [`  ${value}`, formatValue(number), "messages"]);
  const [first = [], ...others] = lines;
  const breaches = quality.filter(({ breached }) => breached === true);
  return [
    `${date}${source === "computed" ? ", computed now: the export has not written it yet" : ""}`,
    ...alignColumns([first, ...before, ...channels, ...others], ["left", "right", "left"]),
    ...breaches.map(
      ({ check, value, comparison, threshold }) =>
        `data quality: ${check} is ${formatValue(value)}, ${comparison} ${formatValue(threshold)} is expected`,
    ),
  ].join("\n");
}

/** A range: a line a day, sums of what may be summed, and a chart of the messages. */
export function formatRange(days: readonly DayMetrics[]): string {
  const names = Object.keys(SHORT);
  const cells = (metrics: MetricRow, shown: (name: string) => boolean): string[] =>
    names.map((name) => (shown(name) ? formatValue(metrics[name]) : ""));
  const sums = Object.fromEntries(
    ADDITIVE.map((name) => [
      name,
      days.reduce((sum, { metrics }) => sum + BigInt(metrics[name]?.toString() ?? 0), 0n),
    ]),
  );
  const rows = days.map(({ date, source, metrics }) => [
    `${date}${source === "computed" ? " *" : ""}`,
    ...cells(source === "none" ? {} : metrics, () => true),
  ]);
  const table = [
    ["", ...Object.values(SHORT)],
    ...rows,
    ["all days", ...cells(sums, (name) => ADDITIVE.includes(name))],
  ];
  return [
    ...alignColumns(table, ["left", ...names.map(() => "right" as const)]),
    ...(days.some(({ source }) => source === "computed")
      ? ["* computed now: the export has not written it yet"]
      : []),
    ...chartOf(days),
  ].join("\n");
}

function chartOf(days: readonly DayMetrics[]): string[] {
  if (days.length < 2) return [];
  const shown = days.slice(-CHART_WIDTH);
  const wide = Math.floor(CHART_WIDTH / shown.length);
  const messages = shown.map(({ metrics }) => Number(metrics["total_messages"] ?? 0));
  const points = messages.flatMap((number) => Array.from({ length: wide }, () => number));
  const format = (value: number): string => String(Math.round(value)).padStart(9);
  const title = `messages a day${shown.length < days.length ? `, the last ${shown.length} days` : ""}`;
  return ["", title, plot(points, { height: CHART_HEIGHT, min: 0, format })];
}
