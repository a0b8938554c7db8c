import { randomUUID } from "node:crypto";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, describe, expect, it } from "vitest";
import {
  countDeadLetters,
  moveDeadLetters,
  resendDeadLetters,
} from "../../../functions/adapters/sqs/dead-letters.ts";
import { createEventPublisher } from "../../../functions/adapters/sqs/event-publisher.ts";
import { openEngines } from "../../support/stage.ts";

const engines = await openEngines();
const client = engines.sqs;
const urls: string[] = [];
afterAll(async () => {
  for (const url of urls) await client.send(new DeleteQueueCommand({ QueueUrl: url }));
  await engines.close();
});

/** A queue and its dead-letter queue. */
async function queues(fifo: boolean) {
  const name = `redrive-${randomUUID()}`;
  const create = async (suffix: string, attributes: Record<string, string> = {}): Promise<string> => {
    const command = new CreateQueueCommand({
      QueueName: `${name}${suffix}${fifo ? ".fifo" : ""}`,
      Attributes: { ...(fifo && { FifoQueue: "true" }), VisibilityTimeout: "60", ...attributes },
    });
    const { QueueUrl: url = "" } = await client.send(command);
    urls.push(url);
    return url;
  };
  const from = await create("-dlq");
  const { Attributes: attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: from, AttributeNames: ["QueueArn"] }),
  );
  const redrive = { deadLetterTargetArn: attributes?.["QueueArn"], maxReceiveCount: 3 };
  return { client, from, to: await create("", { RedrivePolicy: JSON.stringify(redrive) }) };
}

const receive = async (url: string) => {
  const { Messages: messages = [] } = await client.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    }),
  );
  return messages;
};

describe("dead letters", () => {
  it("of repairs all go back to their queue, with progress", async () => {
    const queue = await queues(false);
    const bodies = Array.from({ length: 23 }, (_, n) => `repair ${n}`);
    for (const body of bodies)
      await client.send(new SendMessageCommand({ QueueUrl: queue.from, MessageBody: body }));
    expect(await countDeadLetters(queue)).toBe(23);
    const seen: number[] = [];
    expect(await moveDeadLetters(queue, (moved) => void seen.push(moved))).toBe(23);
    expect(seen.at(-1)).toBe(23);
    expect(await countDeadLetters(queue)).toBe(0);
    const back = [...(await receive(queue.to)), ...(await receive(queue.to)), ...(await receive(queue.to))];
    expect(back.map(({ Body: body }) => body).sort()).toEqual(bodies.sort());
    expect(await moveDeadLetters(queue, () => undefined)).toBe(0);
  });

  it("of events keep their group, their retries and the first moment that anything says of them", async () => {
    const queue = await queues(true);
    const firstReceivedAt = "2026-11-20T10:00:00.000Z";
    const publisher = createEventPublisher({ client, queueUrl: queue.from });
    const before = Date.now();
    await publisher.publish([
      { body: "retried", groupId: "ana", deduplicationId: "1", history: { firstReceivedAt, retries: 2 } },
      { body: "new", groupId: "luis", deduplicationId: "2" },
    ]);
    expect(await resendDeadLetters(queue, () => undefined)).toBe(2);
    const back = new Map((await receive(queue.to)).map((message) => [message.Body, message]));
    const retried = back.get("retried");
    expect(retried?.Attributes?.MessageGroupId).toBe("ana");
    expect(retried?.MessageAttributes).toMatchObject({
      first_received_at: { StringValue: firstReceivedAt },
      retries: { StringValue: "2" },
    });
    const seen = Date.parse(back.get("new")?.MessageAttributes?.["first_received_at"]?.StringValue ?? "");
    expect(Math.abs(seen - before)).toBeLessThan(5_000);
    expect(await countDeadLetters(queue)).toBe(0);
  });
});
