import { randomUUID } from "node:crypto";
import { SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { createObjectIndex } from "../../functions/adapters/dynamodb/object-index.ts";
import { createQuarantineReader } from "../../functions/adapters/dynamodb/quarantine-reader.ts";
import { createObjectStore } from "../../functions/adapters/s3/object-store.ts";
import {
  createEventPublisher,
  HISTORY_BYTES,
  MAX_BODY_BYTES,
} from "../../functions/adapters/sqs/event-publisher.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { retryQuarantined } from "../../functions/core/use-cases/quarantine-desk.ts";
import { seededRandom } from "../support/random.ts";
import { FaultStage } from "./support/fault-stage.ts";
import { RUN_SEED } from "./support/seed.ts";
import { awsRefusal } from "./support/wire.ts";
import { type Delivery, workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** Puts bodies where those go that failed in every delivery. */
async function bury(deliveries: readonly Delivery[]): Promise<void> {
  const { sqs, outputs } = stage.pipeline.stage;
  for (const { userId, body } of deliveries) {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: outputs.deadLetterQueueUrl,
        MessageBody: body,
        MessageGroupId: stage.pipeline.keys.identity("group", userId),
        MessageDeduplicationId: randomUUID(),
      }),
    );
  }
}

/** Sends what lies in quarantine again, in the order of the deliveries, as `hilo quarantine retry` does. */
async function redrive(deliveries: readonly Delivery[]): Promise<void> {
  const { documents: client, s3, sqs, outputs } = stage.pipeline.stage;
  const table = (name: string): string => outputs.tables[name] ?? name;
  const clock = systemClock;
  const quarantine = createQuarantineReader({ client, table: table("quarantine"), clock });
  const deps = {
    quarantine,
    clock,
    keys: stage.pipeline.keys,
    objectIndex: createObjectIndex({ client, table: table("user-objects"), clock }),
    objectStore: createObjectStore({ client: s3, bucket: outputs.bucket }),
    publisher: createEventPublisher({ client: sqs, queueUrl: outputs.queueUrl }),
    maxBodyBytes: MAX_BODY_BYTES - HISTORY_BYTES,
  };
  for (const { userId, body } of deliveries) {
    for await (const place of quarantine.ofUser(userId)) {
      const entry = await quarantine.get(place);
      if (entry === undefined || !("text" in entry.body) || entry.body.text !== body) continue;
      expect(await retryQuarantined(entry, deps)).toBe("sent");
      break;
    }
  }
}

it("duplicates of what was redriven, while DynamoDB refuses and loses answers, leave one of everything", async () => {
  const seed = RUN_SEED + 900;
  const random = seededRandom(seed);
  const deliveries = workload({ seed, people: 3, each: 5, poison: false });
  await bury(deliveries);
  await stage.settle();

  const busy = awsRefusal("ProvisionedThroughputExceededException", 400);
  stage.links.to("aws", "store-to-dynamodb").rule((name) => {
    if (name === "TransactWriteItems" && random() < 1 / 4) return { kind: "cut", bytes: 3 };
    return random() < 1 / 6 ? { kind: "answer", response: busy } : undefined;
  });
  await redrive(deliveries);
  await stage.publish(deliveries);
  const twice = [...deliveries, ...deliveries];
  await stage.expectDurable(twice, `durable, seed ${seed}`);
  expect(stage.links.to("aws", "store-to-dynamodb").count("TransactWriteItems")).toBeGreaterThan(3);
  await stage.links.heal();
  await stage.expectConverged(twice, `converged, seed ${seed}`);
});
