import { ChangeMessageVisibilityCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { EventQueue } from "../../core/ports/event-queue.ts";
import { awsError } from "../aws-errors.ts";

/** The queue that all channels publish to. */
export function createEventQueue(deps: {
  readonly client: SQSClient;
  readonly queueUrl: string;
}): EventQueue {
  return {
    async delay({ receiptHandle }, seconds) {
      const command = new ChangeMessageVisibilityCommand({
        QueueUrl: deps.queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: seconds,
      });
      await deps.client.send(command).catch((error: unknown) => {
        throw awsError(error, {
          store: "SQS",
          operation: "ChangeMessageVisibility",
          resource: "event queue",
        });
      });
    },
  };
}
