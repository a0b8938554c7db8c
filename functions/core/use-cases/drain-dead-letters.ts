import { type ParsedEvent, parseEvent } from "../contracts/parse-event.ts";
import { type Fence, isFenced } from "../domain/fence.ts";
import type { KeyChain } from "../domain/key-chain.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { QueueRecord } from "../ports/event-queue.ts";
import type { RepairQueue } from "../ports/repair-queue.ts";
import { refuse } from "./admit-record.ts";
import type { PersonalObjects } from "./personal-object.ts";
import type { Arrival, RouteBatchDeps, Verdict } from "./routing.ts";

export interface DrainDeadLettersDeps
  extends PersonalObjects,
    Pick<RouteBatchDeps, "count" | "quarantine" | "report"> {
  readonly ledger: ErasureLedger;
  readonly repairs: Pick<RepairQueue, "refreshCache">;
  readonly keys: KeyChain;
}

const EXHAUSTED = {
  code: "retries-exhausted",
  field: "body",
  detail:
    "failed in every delivery though it is well formed: mend the cause that the router's log names, then run: hilo quarantine retry",
};

interface DeadLetter {
  readonly record: QueueRecord;
  readonly event: ParsedEvent;
  readonly arrival?: Arrival;
}

/**
 * Keeps what failed in every delivery in quarantine; what belongs to an erased past is discarded. The cached
 * contexts of its people are dropped, for the cache may hold a message that never became a row.
 * @returns ids of the records to deliver again
 * @throws TransientError | PermanentError when the ledger cannot be read: all come again
 */
export async function drainDeadLetters(
  records: readonly QueueRecord[],
  deps: DrainDeadLettersDeps,
): Promise<string[]> {
  const letters = records.map((record) => letterOf(record, deps.keys));
  const fences = await deps.ledger.fences([...new Set(letters.flatMap(({ arrival }) => arrival?.tag ?? []))]);
  const verdicts = await Promise.all(letters.map((letter) => keep(letter, fences, deps)));
  const people = new Map(
    letters.flatMap(({ arrival }, index) =>
      arrival && verdicts[index] === "done" ? [[arrival.tag, arrival.userId] as const] : [],
    ),
  );
  if (people.size > 0) {
    await deps.repairs.refreshCache([...people].map(([tag, user_id]) => ({ user_id, tag })));
  }
  return records.filter((_, index) => verdicts[index] === "retry").map(({ id }) => id);
}

function letterOf(record: QueueRecord, keys: KeyChain): DeadLetter {
  const event = parseEvent(record.body, record.sentAt, keys);
  const userId = event.ok ? event.message.user_id : event.rejection.user_id;
  if (userId === undefined) return { record, event };
  // The body may say that the message came earlier than any queue knows.
  const own = event.ok ? { ...record, sentAt: new Date(event.message.first_received_at) } : record;
  return { record: own, event, arrival: { record: own, userId, tag: keys.tag(userId) } };
}

async function keep(
  { record, event, arrival }: DeadLetter,
  fences: ReadonlyMap<string, Fence>,
  deps: DrainDeadLettersDeps,
): Promise<Verdict> {
  const fence = arrival && fences.get(arrival.tag);
  if (event.ok && isFenced(event.message, fence)) {
    deps.count("DiscardedMessages", 1);
    return "done";
  }
  try {
    return await refuse(record, event.ok ? EXHAUSTED : event.rejection, fence, deps, arrival);
  } catch (error) {
    deps.report({ recordId: record.id, step: "quarantine", error });
    return "retry";
  }
}
