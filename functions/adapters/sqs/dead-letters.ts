import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { EVENT_ATTRIBUTE } from "../../core/contracts/event-attributes.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { awsError } from "../aws-errors.ts";

const POLL_MS = 2_000;
/** A queue may answer with nothing while it holds something; so many answers in a row are believed. */
const EMPTY_ANSWERS = 2;
/** Answers of services that have no tasks for moving messages. */
const NO_MOVE_TASKS: ReadonlySet<string> = new Set([
  "InvalidAction",
  "UnsupportedOperation",
  "UnknownOperationException",
]);

export interface DeadLetterQueue {
  readonly client: SQSClient;
  /** URL of the dead-letter queue. */
  readonly from: string;
  /** URL of its source. */
  readonly to: string;
}

/** How many messages of the dead-letter queue wait or are being worked on; approximate. */
export async function countDeadLetters({
  client,
  from,
}: Pick<DeadLetterQueue, "client" | "from">): Promise<number> {
  const { Attributes: attributes = {} } = await sqs("GetQueueAttributes", from, () =>
    client.send(
      new GetQueueAttributesCommand({
        QueueUrl: from,
        AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
      }),
    ),
  );
  return (
    Number(attributes["ApproximateNumberOfMessages"] ?? 0) +
    Number(attributes["ApproximateNumberOfMessagesNotVisible"] ?? 0)
  );
}

/**
 * Moves dead letters back to their queue by a task of the service, one by one where it has none. For messages whose
 * arrival does not matter: a task makes them new.
 * @returns how many were moved
 * @throws TransientError | PermanentError; what was moved before stays moved
 */
export async function moveDeadLetters(
  queue: DeadLetterQueue,
  onProgress: (moved: number) => void,
): Promise<number> {
  const { client, from } = queue;
  const { Attributes: attributes } = await sqs("GetQueueAttributes", from, () =>
    client.send(new GetQueueAttributesCommand({ QueueUrl: from, AttributeNames: ["QueueArn"] })),
  );
  const source = attributes?.["QueueArn"];
  try {
    await client.send(new StartMessageMoveTaskCommand({ SourceArn: source }));
  } catch (error) {
    if (error instanceof Error && NO_MOVE_TASKS.has(error.name)) return resendDeadLetters(queue, onProgress);
    throw awsError(error, { store: "SQS", operation: "StartMessageMoveTask", resource: nameOf(from) });
  }
  for (;;) {
    const { Results: [task] = [] } = await sqs("ListMessageMoveTasks", from, () =>
      client.send(new ListMessageMoveTasksCommand({ SourceArn: source, MaxResults: 1 })),
    );
    const moved = task?.ApproximateNumberOfMessagesMoved ?? 0;
    onProgress(moved);
    if (task?.Status === "COMPLETED") return moved;
    if (task?.Status !== "RUNNING") {
      throw new TransientError(
        `SQS ${nameOf(from)}: moving ended as ${task?.Status} after ${moved} messages (${task?.FailureReason}): run it again`,
      );
    }
    await sleep(POLL_MS);
  }
}

/**
 * Sends dead letters to their queue again, each with its group and the moment that Hilo first saw it, then deletes
 * them. One that is sent and not deleted is sent twice: every consumer takes that as one.
 * @returns how many were sent
 */
export async function resendDeadLetters(
  queue: DeadLetterQueue,
  onProgress: (sent: number) => void,
): Promise<number> {
  let sent = 0;
  for (let empty = 0; empty < EMPTY_ANSWERS; ) {
    const { Messages: messages = [] } = await sqs("ReceiveMessage", queue.from, () =>
      queue.client.send(
        new ReceiveMessageCommand({
          QueueUrl: queue.from,
          MaxNumberOfMessages: 10,
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ["All"],
          MessageAttributeNames: ["All"],
        }),
      ),
    );
    empty = messages.length === 0 ? empty + 1 : 0;
    if (messages.length > 0) sent += await resend(queue, messages);
    onProgress(sent);
  }
  return sent;
}

async function resend({ client, from, to }: DeadLetterQueue, messages: readonly Message[]): Promise<number> {
  const sends = await sqs("SendMessageBatch", to, () =>
    client.send(new SendMessageBatchCommand({ QueueUrl: to, Entries: messages.map(entryOf) })),
  );
  const taken = (sends.Successful ?? []).flatMap(({ Id: id }) => {
    const handle = messages[Number(id)]?.ReceiptHandle;
    return handle === undefined ? [] : [{ Id: id, ReceiptHandle: handle }];
  });
  if (taken.length > 0) {
    await sqs("DeleteMessageBatch", from, () =>
      client.send(new DeleteMessageBatchCommand({ QueueUrl: from, Entries: taken })),
    );
  }
  if (taken.length < messages.length) {
    const code = sends.Failed?.[0]?.Code;
    throw new TransientError(
      `SQS ${nameOf(to)}: did not take ${messages.length - taken.length} messages (${code}): run it again`,
    );
  }
  return taken.length;
}

function entryOf(
  { Body: body, Attributes: system = {}, MessageAttributes: own = {} }: Message,
  index: number,
) {
  const group = system.MessageGroupId;
  const first = Date.parse(own[EVENT_ATTRIBUTE.firstReceivedAt]?.StringValue ?? "");
  const sent = [system.SentTimestamp, system.ApproximateFirstReceiveTimestamp].map(Number);
  const earliest = Math.min(...[...sent, first].filter((time) => time > 0));
  return {
    Id: String(index),
    MessageBody: body,
    MessageAttributes: {
      ...own,
      [EVENT_ATTRIBUTE.firstReceivedAt]: {
        DataType: "String",
        StringValue: new Date(earliest).toISOString(),
      },
    },
    ...(group !== undefined && {
      MessageGroupId: group,
      // A new one: the queue may still remember the message's own.
      MessageDeduplicationId: randomUUID(),
    }),
  };
}

const nameOf = (queueUrl: string): string => queueUrl.slice(queueUrl.lastIndexOf("/") + 1);

async function sqs<R>(operation: string, queueUrl: string, call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    throw awsError(error, { store: "SQS", operation, resource: nameOf(queueUrl) });
  }
}
