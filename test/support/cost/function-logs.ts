import { type CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { z } from "zod";
import type { FunctionUsage } from "./usage.ts";

/** What a function's log says of a span of time. */
export interface LoggedUsage extends FunctionUsage {
  readonly logBytes: number;
  readonly metrics: readonly string[];
}

/** CloudWatch Logs counts this many bytes for each event beside its text. */
const EVENT_OVERHEAD = 26;
const REPORT = /^REPORT .*\tBilled Duration: ([\d.]+) ms\tMemory Size: (\d+) MB/;

const published = z.looseObject({
  service: z.string(),
  _aws: z.object({
    CloudWatchMetrics: z.array(z.looseObject({ Metrics: z.array(z.looseObject({ Name: z.string() })) })),
  }),
});

/** Sums up log lines: what Lambda reports of each invocation, and what the function published. */
export function readLog(lines: readonly string[]): LoggedUsage {
  const reports = lines.flatMap((line) => {
    const [, time, memory] = REPORT.exec(line) ?? [];
    return time === undefined ? [] : [{ milliseconds: Number(time), gigabytes: Number(memory) / 1024 }];
  });
  return {
    invocations: reports.length,
    milliseconds: reports.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    gbSeconds: reports.reduce((sum, run) => sum + (run.milliseconds / 1_000) * run.gigabytes, 0),
    logBytes: lines.reduce((sum, line) => sum + Buffer.byteLength(line) + EVENT_OVERHEAD, 0),
    metrics: [...new Set(lines.flatMap(metricsIn))].sort(),
  };
}

function metricsIn(line: string): string[] {
  if (!line.includes('"CloudWatchMetrics"')) return [];
  const parsed = published.safeParse(JSON.parse(line));
  if (!parsed.success) return [];
  const { service, _aws: embedded } = parsed.data;
  return embedded.CloudWatchMetrics.flatMap(({ Metrics: metrics }) =>
    metrics.map(({ Name: name }) => `${service} ${name}`),
  );
}

/** The lines of a log group since a moment (ms). */
export async function fetchLog(
  client: CloudWatchLogsClient,
  group: string,
  since: number,
): Promise<string[]> {
  const lines: string[] = [];
  for await (const page of paginateFilterLogEvents({ client }, { logGroupName: group, startTime: since }))
    lines.push(...(page.events ?? []).map(({ message }) => message ?? ""));
  return lines;
}
