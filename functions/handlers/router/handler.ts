import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { Count } from "../../core/ports/counters.ts";
import { routeBatch } from "../../core/use-cases/route-batch.ts";
import type { RouteBatchDeps } from "../../core/use-cases/routing.ts";
import type { Log } from "../../runtime/logger.ts";
import { queueRecordOf } from "../../runtime/queue-record.ts";

export interface RouterDeps extends Omit<RouteBatchDeps, "count" | "report" | "hasTimeForExecution"> {
  /** Longest time one execution may take, ms. */
  readonly executionMs: number;
  readonly log: Log;
  readonly counters: { readonly count: Count; readonly publish: () => void };
}

/** Consumer of the queue `sqs-entrada-conversacion`. */
export const createRouterHandler =
  ({ executionMs, log, counters, ...deps }: RouterDeps) =>
  async (event: SQSEvent, context: Pick<Context, "getRemainingTimeInMillis">): Promise<SQSBatchResponse> => {
    const records = event.Records.map(queueRecordOf);
    try {
      const failed = await routeBatch(records, {
        ...deps,
        count: counters.count,
        report: ({ recordId, step, error }) =>
          log.error("record failed", error, { record_id: recordId, step }),
        hasTimeForExecution: () => context.getRemainingTimeInMillis() > executionMs,
      });
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
    } catch (error) {
      log.error("batch failed", error, { records: records.length });
      throw error;
    } finally {
      counters.publish();
    }
  };
