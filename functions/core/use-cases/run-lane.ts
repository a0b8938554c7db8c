import type { Lane, Routed } from "../domain/execution-plan.ts";
import type { Fence } from "../domain/fence.ts";
import type { RoutedMessage } from "../domain/message.ts";
import type { QueueRecord } from "../ports/event-queue.ts";
import type { CacheRepair } from "../ports/repair-queue.ts";
import { refuse } from "./admit-record.ts";
import type { RouteBatchDeps, Verdict } from "./routing.ts";
import { type Settlement, settleOutcomes } from "./settle-outcomes.ts";

/** Runs a lane's executions one after the other; after a failed one the rest of the lane waits. */
export async function runLane(
  lane: Lane,
  records: readonly QueueRecord[],
  fences: ReadonlyMap<string, Fence>,
  deps: RouteBatchDeps,
  verdicts: Map<number, Verdict>,
): Promise<void> {
  for (const [position, chunk] of lane.entries()) {
    const settled =
      position > 0 && !deps.hasTimeForExecution() ? undefined : await execute(chunk, records, deps);
    for (const [item, { record, message }] of chunk.entries()) {
      const verdict = settled?.[item]?.verdict ?? "retry";
      verdicts.set(
        record,
        verdict === "conflict"
          ? await refuseConflict(records[record] as QueueRecord, message, fences, deps)
          : verdict,
      );
    }
    if (chunk.some(({ record }) => verdicts.get(record) === "retry")) {
      for (const { record } of lane.slice(position + 1).flat()) verdicts.set(record, "retry");
      return;
    }
  }
}

/** One execution and the repairs that follow from it; `undefined` when it failed as a whole. */
async function execute(
  chunk: readonly Routed[],
  records: readonly QueueRecord[],
  deps: RouteBatchDeps,
): Promise<readonly Settlement[] | undefined> {
  const messages = chunk.map(({ message }) => message);
  try {
    const outcomes = await deps.workflow.run({ messages, shouldAnalyze: deps.shouldAnalyze });
    const settlements = settleOutcomes(messages, outcomes);
    await requestRepairs(settlements, deps);
    const done = settlements.filter(({ verdict }) => verdict === "done");
    const duplicates = done.filter(({ duplicate }) => duplicate).length;
    deps.count("DuplicateMessages", duplicates);
    deps.count("StoredMessages", done.length - duplicates);
    return settlements;
  } catch (error) {
    for (const { record } of chunk) {
      deps.report({ recordId: records[record]?.id ?? "", step: "workflow", error });
    }
    return undefined;
  }
}

async function requestRepairs(settlements: readonly Settlement[], deps: RouteBatchDeps): Promise<void> {
  const cache = new Map<string, CacheRepair>();
  for (const { repairCache } of settlements) {
    if (repairCache) cache.set(`${repairCache.tag} ${repairCache.sort_key ?? ""}`, repairCache);
  }
  const index = new Map(
    settlements.flatMap(({ reindex }) =>
      reindex ? [[`${reindex.user_id} ${reindex.sort_key}`, reindex] as const] : [],
    ),
  );
  if (cache.size > 0) await deps.repairs.refreshCache([...cache.values()]);
  if (index.size > 0) await deps.repairs.reindex([...index.values()]);
  deps.count("RepairsRequested", cache.size + index.size);
}

async function refuseConflict(
  record: QueueRecord,
  message: RoutedMessage,
  fences: ReadonlyMap<string, Fence>,
  deps: RouteBatchDeps,
): Promise<Verdict> {
  const rejection = {
    code: "conflict",
    field: "message_id",
    detail:
      "names a stored message with another body; the first stays: give each message its own id, or send an edit",
  };
  const arrival = { record, userId: message.user_id, tag: message.tag };
  try {
    const verdict = await refuse(record, rejection, fences.get(message.tag), deps, arrival);
    if (verdict === "done") deps.count("ConflictingMessages", 1);
    return verdict;
  } catch (error) {
    deps.report({ recordId: record.id, step: "quarantine", error });
    return "retry";
  }
}
