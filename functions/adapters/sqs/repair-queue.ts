import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { TransientError } from "../../core/domain/errors.ts";
import type { CacheRepair, IndexRepair, RepairQueue } from "../../core/ports/repair-queue.ts";
import { awsError } from "../aws-errors.ts";

/** Entries one SendMessageBatch takes. */
const MAX_ENTRIES = 10;

/** The queues `refresh-cache` and `repair-index`, one message a repair. */
export function createRepairQueue(deps: {
  readonly client: SQSClient;
  readonly refreshCacheQueueUrl: string;
  readonly repairIndexQueueUrl: string;
}): RepairQueue {
  const send = async (queueUrl: string, repairs: readonly (CacheRepair | IndexRepair)[]): Promise<void> => {
    for (let start = 0; start < repairs.length; start += MAX_ENTRIES) {
      const entries = repairs.slice(start, start + MAX_ENTRIES);
      const command = new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: entries.map(({ afterSeconds, ...body }, index) => ({
          Id: String(index),
          MessageBody: JSON.stringify(body),
          ...(afterSeconds !== undefined && { DelaySeconds: afterSeconds }),
        })),
      });
      const { Failed: failed = [] } = await deps.client.send(command).catch((error: unknown) => {
        throw awsError(error, { store: "SQS", operation: "SendMessageBatch", resource: queueName(queueUrl) });
      });
      if (failed.length > 0) {
        throw new TransientError(
          `SQS: ${failed.length} of ${entries.length} repairs not taken by ${queueName(queueUrl)} (${failed[0]?.Code})`,
        );
      }
    }
  };
  return {
    refreshCache: (repairs) => send(deps.refreshCacheQueueUrl, repairs),
    reindex: (repairs) => send(deps.repairIndexQueueUrl, repairs),
  };
}

const queueName = (queueUrl: string): string => queueUrl.slice(queueUrl.lastIndexOf("/") + 1);
