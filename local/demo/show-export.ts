import { formatExport } from "../../cli/export/format-export.ts";
import { runExport } from "../../cli/export/run-export.ts";
import { formatDay } from "../../cli/metrics/format-metrics.ts";
import { withLake } from "../../cli/metrics/lake.ts";
import { readDetails, readMetrics } from "../../cli/metrics/read-metrics.ts";
import type { StageSession } from "../../cli/stage-session.ts";
import { queryNamed } from "../../functions/core/use-cases/ask-query.ts";
import type { Progress } from "../progress.ts";
import { section } from "./section.ts";

/** Exports a day to the lake by the state machine, and asks Athena for its metrics. */
export async function showExport(session: StageSession, day: string, progress: Progress): Promise<string> {
  const outcome = await progress.step(`exporting ${day} to the lake`, (detail) =>
    runExport(session, { from: day, to: day }, ({ exported, finished }) =>
      detail(finished.length > 0 ? "metrics" : exported.length > 0 ? "reading it back" : "writing it"),
    ),
  );
  const today = new Date().toISOString().slice(0, 10);
  const parts = [section(`npx hilo export ${day}`, formatExport(outcome, today))];
  if (outcome.failed.length === 0) {
    const metrics = await progress.step("metrics by Athena", () => describeMetrics(session, day));
    parts.push(section(`npx hilo metrics ${day}`, metrics));
  }
  return parts.join("\n");
}

function describeMetrics(session: StageSession, day: string): Promise<string> {
  return withLake(session, async (lake) => {
    const [metrics] = await readMetrics(day, day, lake);
    if (metrics === undefined) throw new Error(`no metrics of ${day}`);
    return formatDay(
      metrics,
      queryNamed("daily-metrics", lake.queries).columns,
      await readDetails(day, lake),
    );
  });
}
