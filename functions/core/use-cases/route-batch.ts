import { parseEvent, type Rejection } from "../contracts/parse-event.ts";
import {
  type Lane,
  MAX_MESSAGE_BYTES,
  messageBytes,
  planExecutions,
  type Routed,
} from "../domain/execution-plan.ts";
import { type Fence, isFenced, liveGeneration } from "../domain/fence.ts";
import { utf8Bytes } from "../domain/json.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import { type Message, type RoutedMessage, spokenBody } from "../domain/message.ts";
import type { Count } from "../ports/counters.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { EventQueue, QueueRecord } from "../ports/event-queue.ts";
import type { MessageWorkflow } from "../ports/message-workflow.ts";
import type { Quarantine } from "../ports/quarantine.ts";
import type { CacheRepair, RepairQueue } from "../ports/repair-queue.ts";
import { offloadToolResults } from "./offload-tool-results.ts";
import type { PersonalObjects } from "./personal-object.ts";
import { quarantineRecord, UNKNOWN_USER } from "./quarantine-record.ts";
import { type Settlement, settleOutcomes } from "./settle-outcomes.ts";

/** From this receive on, one execution a person. */
const ALONE_FROM_RECEIVE = 3;
/** Back-off of a record: full jitter up to 2 s × 2^receives, at most this many seconds. */
const MAX_DELAY_SECONDS = 300;

export interface RouteBatchDeps extends PersonalObjects {
  readonly ledger: ErasureLedger;
  readonly workflow: MessageWorkflow;
  readonly quarantine: Quarantine;
  readonly repairs: RepairQueue;
  readonly queue: EventQueue;
  readonly keys: KeyChain;
  readonly count: Count;
  /** Told of each failure; logs carry record ids, codes and error names only. */
  readonly report: (failure: {
    readonly recordId: string;
    readonly step: string;
    readonly error?: unknown;
  }) => void;
  readonly random: () => number;
  /** Whether the workflow is to analyse messages. */
  readonly shouldAnalyze: boolean;
  /** True while there is time for one more execution to its limit. */
  readonly hasTimeForExecution: () => boolean;
}

/** What becomes of a record: `done` leaves the queue, `retry` stays. */
type Verdict = "done" | "retry";

/** A record whose person is known, so that the ledger can be asked. */
interface Arrival {
  readonly record: QueueRecord;
  readonly userId: string;
  readonly tag: string;
}

/**
 * Routes one batch of the queue through fence and workflow.
 * @returns ids of the records to deliver again; after a failure all later ones of that person are among them.
 * @throws TransientError | PermanentError when the ledger cannot be read: nothing is written, all come again.
 */
export async function routeBatch(records: readonly QueueRecord[], deps: RouteBatchDeps): Promise<string[]> {
  const parsed = records.map((record) => parseEvent(record.body, record.sentAt, deps.keys));
  const arrivals = parsed.map((event, index): Arrival | undefined => {
    const userId = event.ok ? event.message.user_id : event.rejection.user_id;
    return userId === undefined
      ? undefined
      : { record: records[index] as QueueRecord, userId, tag: deps.keys.tag(userId) };
  });
  const fences = await deps.ledger.fences([...new Set(arrivals.flatMap((arrival) => arrival?.tag ?? []))]);

  const verdicts = new Map<number, Verdict>();
  const routed: Routed[] = [];
  const routing = records.map(async (record, index) => {
    const event = parsed[index];
    const arrival = arrivals[index];
    const fence = arrival && fences.get(arrival.tag);
    try {
      if (event?.ok && arrival) {
        const message = await admit(event.message, arrival, fence, deps);
        if (message === undefined) return verdicts.set(index, "done");
        if (messageBytes(message) <= MAX_MESSAGE_BYTES) {
          return routed.push({ record: index, message, alone: record.receiveCount >= ALONE_FROM_RECEIVE });
        }
        const rejection = { code: "too-large", ...largestField(message) } as const;
        return verdicts.set(index, await refuse(record, rejection, fence, deps, arrival));
      }
      if (event && !event.ok) {
        return verdicts.set(index, await refuse(record, event.rejection, fence, deps, arrival));
      }
    } catch (error) {
      deps.report({ recordId: record.id, step: "route", error });
    }
    return verdicts.set(index, "retry");
  });
  await Promise.all(routing);
  routed.sort((a, b) => a.record - b.record);

  // A person's messages behind one that must come again would overtake it.
  const blocked = usersOf(arrivals, verdicts);
  const admitted = routed.filter(({ message }) => !blocked.has(message.user_id));
  const lanes = planExecutions(admitted);
  await Promise.all(lanes.map((lane) => runLane(lane, records, fences, deps, verdicts)));

  return retryInOrder(records, arrivals, verdicts, deps);
}

/** The message with what the router adds; `undefined` when it belongs to an erased past. */
async function admit(
  message: Message,
  { tag }: Arrival,
  fence: Fence | undefined,
  deps: RouteBatchDeps,
): Promise<RoutedMessage | undefined> {
  if (isFenced(message, fence)) {
    deps.count("DiscardedMessages", 1);
    return undefined;
  }
  const bodyHash = deps.keys.identity("body", spokenBody(message));
  const routed = { ...message, tag, generation: liveGeneration(fence), body_hash: bodyHash };
  return offloadToolResults(routed, deps);
}

/** Quarantines a record for good; what belongs to an erased past is discarded instead. */
async function refuse(
  record: QueueRecord,
  rejection: Omit<Rejection, "code"> & { readonly code: string },
  fence: Fence | undefined,
  deps: RouteBatchDeps,
  arrival?: Arrival,
): Promise<Verdict> {
  const receivedAt = record.sentAt.toISOString();
  if (isFenced({ timestamp: receivedAt, first_received_at: receivedAt }, fence)) {
    deps.count("DiscardedMessages", 1);
    return "done";
  }
  const kept = await quarantineRecord(
    {
      user_id: arrival?.userId ?? UNKNOWN_USER,
      ...(arrival && { tag: arrival.tag, generation: liveGeneration(fence) }),
      first_received_at: receivedAt,
      source_id: record.id,
      code: rejection.code,
      field: rejection.field,
      detail: rejection.detail,
      body: record.body,
    },
    deps,
  );
  if (kept === "stale-generation") return "retry";
  deps.count("QuarantinedMessages", 1);
  return "done";
}

/** Names the field that takes the most room. */
function largestField(message: Message): { field: string; detail: string } {
  const sizes = Object.entries(message).map(
    ([field, value]) => [field, utf8Bytes(JSON.stringify(value))] as const,
  );
  const [field] = sizes.reduce((largest, next) => (next[1] > largest[1] ? next : largest));
  const kilobytes = Math.floor(MAX_MESSAGE_BYTES / 1000);
  return { field, detail: `makes the message larger than ${kilobytes} KB: send long documents as media` };
}

/** Runs a lane's executions one after the other; after a failed one the rest of the lane waits. */
async function runLane(
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

const usersOf = (
  arrivals: readonly (Arrival | undefined)[],
  verdicts: ReadonlyMap<number, Verdict>,
): ReadonlySet<string> =>
  new Set(
    arrivals.flatMap((arrival, index) =>
      verdicts.get(index) === "retry" && arrival ? [arrival.userId] : [],
    ),
  );

/** Ids to deliver again: what failed and, for order, every later record of the same person. */
async function retryInOrder(
  records: readonly QueueRecord[],
  arrivals: readonly (Arrival | undefined)[],
  verdicts: ReadonlyMap<number, Verdict>,
  deps: RouteBatchDeps,
): Promise<string[]> {
  const failedUsers = new Set<string>();
  const failed: QueueRecord[] = [];
  for (const [index, record] of records.entries()) {
    const userId = arrivals[index]?.userId;
    const again = verdicts.get(index) !== "done" || (userId !== undefined && failedUsers.has(userId));
    if (!again) continue;
    failed.push(record);
    if (userId !== undefined) failedUsers.add(userId);
  }
  deps.count("RetriedMessages", failed.length);
  // A delay that cannot be set only means the queue's own visibility time-out applies.
  await Promise.all(
    failed.map((record) =>
      deps.queue
        .delay(record, backoffSeconds(record.receiveCount, deps.random))
        .catch((error: unknown) => deps.report({ recordId: record.id, step: "delay", error })),
    ),
  );
  return failed.map(({ id }) => id);
}

/** Full jitter: 0 to 2 × 2^receives seconds, at most five minutes. */
const backoffSeconds = (receiveCount: number, random: () => number): number =>
  Math.floor(random() * Math.min(MAX_DELAY_SECONDS, 2 * 2 ** receiveCount));
