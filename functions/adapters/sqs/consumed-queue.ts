import { ChangeMessageVisibilityCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { awsError } from "../aws-errors.ts";

/** A message as its consumer holds it. */
export interface HeldMessage {
  readonly queueArn: string;
  readonly receiptHandle: string;
}

/** The queue that a function consumes, known from the messages themselves. */
export interface ConsumedQueue {
  /** Hides a message for `seconds` before it is delivered again. @throws TransientError | PermanentError */
  delay(message: HeldMessage, seconds: number): Promise<void>;
}

/** Whoever may consume a queue may ask for its URL. */
export function createConsumedQueue({ client }: { readonly client: SQSClient }): ConsumedQueue {
  const urls = new Map<string, Promise<string | undefined>>();
  const urlOf = (queueArn: string): Promise<string | undefined> => {
    const known = urls.get(queueArn);
    if (known !== undefined) return known;
    const QueueName = queueArn.slice(queueArn.lastIndexOf(":") + 1);
    const asked = client.send(new GetQueueUrlCommand({ QueueName })).then(({ QueueUrl }) => QueueUrl);
    urls.set(queueArn, asked);
    // One that could not be asked for is asked for again.
    asked.catch(() => urls.delete(queueArn));
    return asked;
  };
  return {
    async delay({ queueArn, receiptHandle: ReceiptHandle }, seconds) {
      try {
        const QueueUrl = await urlOf(queueArn);
        await client.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: seconds }),
        );
      } catch (error) {
        throw awsError(error, {
          store: "SQS",
          operation: "ChangeMessageVisibility",
          resource: queueArn.slice(queueArn.lastIndexOf(":") + 1),
        });
      }
    },
  };
}
