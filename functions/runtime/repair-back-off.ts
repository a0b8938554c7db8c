import type { SQSEvent } from "aws-lambda";
import type { Log } from "./logger.ts";

/** Mean of the longest back-off × the queue's 240 receives = 12 h: as patient as a fixed time-out of three minutes. */
const MAX_DELAY_SECONDS = 360;

export interface RepairBackOffDeps {
  readonly queue: {
    readonly delay: (
      message: { readonly queueArn: string; readonly receiptHandle: string },
      seconds: number,
    ) => Promise<void>;
  };
  /** Jitter, 0 to 1. */
  readonly random: () => number;
  readonly log: Log;
}

/**
 * Has failed records of a repair queue come again after a while that grows with their receives: full jitter up to 2, 4,
 * 8 … seconds. Where that cannot be said, the queue's own visibility time-out holds.
 */
export async function backOffRepairs(
  event: SQSEvent,
  failed: ReadonlySet<string>,
  { queue, random, log }: RepairBackOffDeps,
): Promise<void> {
  await Promise.all(
    event.Records.filter(({ messageId }) => failed.has(messageId)).map((record) => {
      const receives = Number(record.attributes.ApproximateReceiveCount);
      const seconds = Math.ceil(random() * Math.min(MAX_DELAY_SECONDS, 2 ** receives));
      const message = { queueArn: record.eventSourceARN, receiptHandle: record.receiptHandle };
      return queue
        .delay(message, seconds)
        .catch((error: unknown) => log.error("repair not delayed", error, { record_id: record.messageId }));
    }),
  );
}
