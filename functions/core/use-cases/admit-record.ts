import type { ParsedEvent, Rejection } from "../contracts/parse-event.ts";
import { MAX_MESSAGE_BYTES, messageBytes } from "../domain/execution-plan.ts";
import { type Fence, isFenced, liveGeneration } from "../domain/fence.ts";
import { utf8Bytes } from "../domain/json.ts";
import { type Message, type RoutedMessage, spokenBody } from "../domain/message.ts";
import type { QueueRecord } from "../ports/event-queue.ts";
import { offloadToolResults } from "./offload-tool-results.ts";
import type { PersonalObjects } from "./personal-object.ts";
import { quarantineRecord, UNKNOWN_USER } from "./quarantine-record.ts";
import type { Arrival, RouteBatchDeps, Verdict } from "./routing.ts";

/**
 * Decides on one record: a message to run through the workflow, or a verdict where it goes no further.
 * Whatever fails on the way leaves the record in the queue.
 */
export async function admitRecord(
  record: QueueRecord,
  event: ParsedEvent | undefined,
  arrival: Arrival | undefined,
  fences: ReadonlyMap<string, Fence>,
  deps: RouteBatchDeps,
): Promise<RoutedMessage | Verdict> {
  const fence = arrival && fences.get(arrival.tag);
  try {
    if (event === undefined) return "retry";
    if (!event.ok) return await refuse(record, event.rejection, fence, deps, arrival);
    if (arrival === undefined) return "retry";
    const message = await admit(event.message, arrival, fence, deps);
    if (message === undefined) return "done";
    if (messageBytes(message) <= MAX_MESSAGE_BYTES) return message;
    return await refuse(record, { code: "too-large", ...largestField(message) }, fence, deps, arrival);
  } catch (error) {
    deps.report({ recordId: record.id, step: "route", error });
    return "retry";
  }
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
export async function refuse(
  record: QueueRecord,
  rejection: Omit<Rejection, "code"> & { readonly code: string },
  fence: Fence | undefined,
  deps: PersonalObjects & Pick<RouteBatchDeps, "count" | "quarantine">,
  arrival?: Arrival,
): Promise<Verdict> {
  const receivedAt = record.sentAt.toISOString();
  const { timestamp = receivedAt } = rejection;
  if (isFenced({ timestamp, first_received_at: receivedAt }, fence)) {
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
      ...(record.retries !== undefined && { retries: record.retries }),
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
