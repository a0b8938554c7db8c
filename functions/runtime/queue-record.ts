import type { SQSRecord } from "aws-lambda";
import { EVENT_ATTRIBUTE } from "../core/contracts/event-attributes.ts";
import type { QueueRecord } from "../core/ports/event-queue.ts";

/**
 * A record of the event queue or its dead-letter queue. `sentAt` is the earliest moment that anything says: a FIFO
 * dead-letter queue and a retry give a new SentTimestamp, and a later one would let a message slip past a fence.
 */
export function queueRecordOf({
  messageId,
  body,
  attributes,
  messageAttributes,
  receiptHandle,
}: SQSRecord): QueueRecord {
  const first = Date.parse(messageAttributes[EVENT_ATTRIBUTE.firstReceivedAt]?.stringValue ?? "");
  const times = [attributes.SentTimestamp, attributes.ApproximateFirstReceiveTimestamp].map(Number);
  const retries = Number(messageAttributes[EVENT_ATTRIBUTE.retries]?.stringValue ?? 0);
  return {
    id: messageId,
    body,
    sentAt: new Date(Math.min(...[...times, first].filter((time) => time > 0))),
    receiveCount: Number(attributes.ApproximateReceiveCount),
    receiptHandle,
    ...(Number.isSafeInteger(retries) && retries > 0 && { retries }),
  };
}
