import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Count } from "../../core/ports/counters.ts";
import { type DrainDeadLettersDeps, drainDeadLetters } from "../../core/use-cases/drain-dead-letters.ts";
import type { Log } from "../../runtime/logger.ts";
import { queueRecordOf } from "../../runtime/queue-record.ts";

export interface DrainDeadLettersHandlerDeps extends Omit<DrainDeadLettersDeps, "count" | "report"> {
  readonly log: Log;
  readonly counters: { readonly count: Count; readonly publish: () => void };
}

/** Consumer of the dead-letter queue of `sqs-entrada-conversacion`. */
export const createDrainDeadLettersHandler =
  ({ log, counters, ...deps }: DrainDeadLettersHandlerDeps) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    try {
      const failed = await drainDeadLetters(event.Records.map(queueRecordOf), {
        ...deps,
        count: counters.count,
        report: ({ recordId, step, error }) =>
          log.error("dead letter not kept", error, { record_id: recordId, step }),
      });
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    } catch (error) {
      log.error("dead letters not drained", error, { records: event.Records.length });
      throw error;
    } finally {
      counters.publish();
    }
  };
