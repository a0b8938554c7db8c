import { outcomesOf, type PipelineOutcomes } from "../contracts/pipeline.ts";
import { type RoutedMessage, sortKeyOf } from "../domain/message.ts";
import type { RowOutcome } from "../domain/outcome.ts";
import type { CacheRepair, IndexRepair } from "../ports/repair-queue.ts";

/** What the router does with one message after its execution. */
export interface Settlement {
  /** `done`: it may leave the queue, once its repairs are sent. `conflict`: quarantine. `retry`: leave it there. */
  readonly verdict: "done" | "conflict" | "retry";
  readonly duplicate: boolean;
  readonly repairCache?: CacheRepair;
  readonly reindex?: IndexRepair;
}

/** Longer than `PerformAnalytics` lives: what gave no answer may still write its analysis. */
const ANALYSIS_SECONDS = 10;

const RETRY: ReadonlySet<RowOutcome["status"]> = new Set(["failed", "stale-generation"]);

/** Turns the outcomes of one execution into a settlement for each of its messages, in order. */
export function settleOutcomes(
  messages: readonly RoutedMessage[],
  outcomes: PipelineOutcomes,
): readonly Settlement[] {
  const rows = byItem(outcomes.rows.outcomes);
  const cache = outcomesOf(outcomes.cache);
  const index = byItem(outcomesOf(outcomes.index) ?? []);
  const changedByAnalytics = analyticsChanges(outcomes);
  const isAnalysisOpen = outcomes.analytics !== undefined && outcomesOf(outcomes.analytics) === undefined;
  const later = isAnalysisOpen ? { afterSeconds: ANALYSIS_SECONDS } : {};

  return messages.map((message, item): Settlement => {
    const row = rows.get(item);
    // No outcome is no proof that it is stored.
    if (row === undefined || RETRY.has(row.status)) return { verdict: "retry", duplicate: false };
    const { user_id, tag } = message;
    if (row.status === "conflict") {
      return { verdict: "conflict", duplicate: false, repairCache: { user_id, tag } };
    }
    const duplicate = row.status === "duplicate" || row.status === "superseded";
    if (row.sort_key === undefined) return { verdict: "done", duplicate };

    const changed = changedByAnalytics(item);
    const asCached =
      message.kind === "message" &&
      // A duplicate's row may have been analysed since: only the row says.
      row.status === "stored" &&
      row.sort_key === sortKeyOf(message) &&
      row.revision === 1 &&
      !changed;
    const indexed = index.get(item)?.status;
    return {
      verdict: "done",
      duplicate,
      ...(cache === undefined && { repairCache: { user_id, tag } }),
      ...(cache !== undefined &&
        !asCached && {
          repairCache: { user_id, tag, sort_key: row.sort_key, ...later },
        }),
      ...((indexed === undefined || indexed === "failed" || indexed === "skipped" || changed) && {
        reindex: { user_id, tag, sort_key: row.sort_key, ...later },
      }),
    };
  });
}

/** Tells which rows analytics changed, or may have: a write whose answer was lost counts as one. */
function analyticsChanges({ analytics }: PipelineOutcomes): (item: number) => boolean {
  if (analytics === undefined) return () => false;
  const outcomes = outcomesOf(analytics);
  if (outcomes === undefined) return () => true;
  const statuses = byItem(outcomes);
  return (item) => statuses.get(item)?.status !== "skipped";
}

const byItem = <O extends { readonly item: number }>(outcomes: readonly O[]): ReadonlyMap<number, O> =>
  new Map(outcomes.map((outcome) => [outcome.item, outcome]));
