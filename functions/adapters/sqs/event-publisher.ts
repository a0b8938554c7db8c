import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { EVENT_ATTRIBUTE } from "../../core/contracts/event-attributes.ts";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import { utf8Bytes } from "../../core/domain/json.ts";
import type { EventEnvelope, EventPublisher } from "../../core/ports/event-publisher.ts";
import { awsError } from "../aws-errors.ts";

/** What SQS takes in one message, and in one batch together. */
export const MAX_BODY_BYTES = 1_048_576;
/** Room for the attributes of an event that was retried: their names, types and values count, too. */
export const HISTORY_BYTES = 256;
const MAX_ENTRIES = 10;
const TRIES = 3;

/** Publishes to the FIFO queue in full batches; entries that a batch refuses are sent again, in order. */
export function createEventPublisher(deps: {
  readonly client: SQSClient;
  readonly queueUrl: string;
}): EventPublisher {
  return {
    async publish(events) {
      for (const batch of batches(events)) await sendBatch(deps, batch);
      return events.length;
    },
  };
}

async function sendBatch(
  { client, queueUrl }: { readonly client: SQSClient; readonly queueUrl: string },
  batch: readonly EventEnvelope[],
): Promise<void> {
  let left = batch;
  for (let attempt = 1; left.length > 0; attempt++) {
    const command = new SendMessageBatchCommand({
      QueueUrl: queueUrl,
      Entries: left.map(({ body, groupId, deduplicationId, history }, index) => ({
        Id: String(index),
        MessageBody: body,
        MessageGroupId: groupId,
        MessageDeduplicationId: deduplicationId,
        ...(history && { MessageAttributes: attributesOf(history) }),
      })),
    });
    const { Failed: failed = [] } = await client.send(command).catch((error: unknown) => {
      throw awsError(error, { store: "SQS", operation: "SendMessageBatch", resource: "event queue" });
    });
    const own = failed.find(({ SenderFault }) => SenderFault);
    if (own)
      throw new PermanentError(
        `SQS: event queue refused an event (${own.Code}): check its size and characters`,
      );
    if (failed.length > 0 && attempt === TRIES) {
      throw new TransientError(`SQS: event queue did not take ${failed.length} events in ${TRIES} tries`);
    }
    const indexes = new Set(failed.map(({ Id }) => Number(Id)));
    left = left.filter((_, index) => indexes.has(index));
  }
}

function attributesOf({ firstReceivedAt, retries }: NonNullable<EventEnvelope["history"]>) {
  return {
    [EVENT_ATTRIBUTE.firstReceivedAt]: { DataType: "String", StringValue: firstReceivedAt },
    [EVENT_ATTRIBUTE.retries]: { DataType: "Number", StringValue: String(retries) },
  };
}

function batches(events: readonly EventEnvelope[]): EventEnvelope[][] {
  const result: EventEnvelope[][] = [];
  let room = 0;
  for (const event of events) {
    const bytes = utf8Bytes(event.body) + (event.history ? HISTORY_BYTES : 0);
    const current = result.at(-1);
    if (current && current.length < MAX_ENTRIES && bytes <= room) {
      current.push(event);
      room -= bytes;
    } else {
      result.push([event]);
      room = MAX_BODY_BYTES - bytes;
    }
  }
  return result;
}
