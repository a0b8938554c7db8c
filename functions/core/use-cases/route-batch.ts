import { parseEvent } from "../contracts/parse-event.ts";
import { planExecutions, type Routed } from "../domain/execution-plan.ts";
import type { Fence } from "../domain/fence.ts";
import type { QueueRecord } from "../ports/event-queue.ts";
import { admitRecord } from "./admit-record.ts";
import type { Arrival, RouteBatchDeps, Verdict } from "./routing.ts";
import { runLane } from "./run-lane.ts";

/** From this receive on, one execution a person, so that one person's poison harms nobody … */
const ALONE_FROM_RECEIVE = 3;
/** … unless so many people of the batch are late: then a store was away and all would run alone (ADR 0071) … */
const MANY_LATE = 5;
/** … but at every such receive alone all the same, should there be as many poisoned people. */
const ALONE_EVERY = 6;
/**
 * Back-off of a record: full jitter up to 2 s × 2^receives, at most this many seconds. Longer, and after an outage the
 * backlog would wait for its back-off and not for capacity (ADR 0070).
 */
const MAX_DELAY_SECONDS = 10;

/**
 * Routes one batch of the queue through fence and workflow. Where the ledger cannot be read nothing is written and all
 * come again after their back-off: thrown, the error would hide them for the queue's whole visibility time-out.
 * @returns ids of the records to deliver again; after a failure all later ones of that person are among them.
 */
export async function routeBatch(records: readonly QueueRecord[], deps: RouteBatchDeps): Promise<string[]> {
  const parsed = records.map((record) => parseEvent(record.body, record.sentAt, deps.keys));
  const arrivals = parsed.map((event, index): Arrival | undefined => {
    const userId = event.ok ? event.message.user_id : event.rejection.user_id;
    return userId === undefined
      ? undefined
      : { record: records[index] as QueueRecord, userId, tag: deps.keys.tag(userId) };
  });
  const fences = await readFences(records, arrivals, deps);
  if (fences === undefined) return retryInOrder(records, arrivals, new Map(), deps);

  const admissions = await Promise.all(
    records.map((record, index) => admitRecord(record, parsed[index], arrivals[index], fences, deps)),
  );
  const verdicts = new Map<number, Verdict>();
  const routed: Routed[] = [];
  const latePeople = new Set(
    arrivals.flatMap((arrival) => (arrival && isLate(arrival.record) ? [arrival.userId] : [])),
  ).size;
  for (const [index, admission] of admissions.entries()) {
    if (typeof admission === "string") verdicts.set(index, admission);
    else routed.push({ record: index, message: admission, alone: isAlone(records[index], latePeople) });
  }

  // A person's messages behind one that must come again would overtake it.
  const blocked = usersOf(arrivals, verdicts);
  const admitted = routed.filter(({ message }) => !blocked.has(message.user_id));
  const lanes = planExecutions(admitted);
  await Promise.all(lanes.map((lane) => runLane(lane, records, fences, deps, verdicts)));

  return retryInOrder(records, arrivals, verdicts, deps);
}

async function readFences(
  records: readonly QueueRecord[],
  arrivals: readonly (Arrival | undefined)[],
  deps: RouteBatchDeps,
): Promise<ReadonlyMap<string, Fence> | undefined> {
  try {
    return await deps.ledger.fences([...new Set(arrivals.flatMap((arrival) => arrival?.tag ?? []))]);
  } catch (error) {
    for (const { id } of records) deps.report({ recordId: id, step: "ledger", error });
    return undefined;
  }
}

const isLate = ({ receiveCount }: QueueRecord): boolean => receiveCount >= ALONE_FROM_RECEIVE;

const isAlone = (record: QueueRecord | undefined, latePeople: number): boolean =>
  record !== undefined &&
  isLate(record) &&
  (latePeople < MANY_LATE || record.receiveCount % ALONE_EVERY === 0);

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

/** Full jitter: 0 to 2 × 2^receives seconds, at most `MAX_DELAY_SECONDS`. */
const backoffSeconds = (receiveCount: number, random: () => number): number =>
  Math.floor(random() * Math.min(MAX_DELAY_SECONDS, 2 * 2 ** receiveCount));
