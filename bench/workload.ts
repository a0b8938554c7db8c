import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { SQSClient } from "@aws-sdk/client-sqs";
import { loadKeyChain } from "../functions/adapters/secrets/load-key-chain.ts";
import { createEventPublisher } from "../functions/adapters/sqs/event-publisher.ts";
import { envelopeEvent } from "../functions/core/use-cases/envelope-event.ts";
import type { QueueEvent } from "../local/demo/conversations.ts";
import { countWaiting } from "../local/demo/stage-counts.ts";
import type { CostMeter } from "../test/support/cost/meter.ts";
import type { Usage } from "../test/support/cost/usage.ts";
import type { TestStage } from "../test/support/stage.ts";

/** Longest wait for the queues to be empty, ms. */
const PATIENCE_MS = 300_000;

/** Work for the deployed pipeline, measured by the meter. */
export class Workload {
  readonly #stage: TestStage;
  readonly #meter: CostMeter;

  constructor(stage: TestStage, meter: CostMeter) {
    this.#stage = stage;
    this.#meter = meter;
  }

  /**
   * Hands batches to the router as Lambda does when it reads them from the queue, so that each holds as many messages
   * as wanted. Ends when the repairs that follow are done too.
   * @param apart whether a batch's repairs are done before the next batch, as in quiet traffic; else they gather
   * @throws Error when the router fails or leaves a record for later
   */
  batches(
    batches: readonly (readonly QueueEvent[])[],
    { apart }: { readonly apart: boolean } = { apart: false },
  ): Promise<Usage> {
    return this.#meter.measure(async () => {
      for (const batch of batches) {
        await this.#invokeRouter(batch);
        if (apart) await this.drained();
      }
      await this.drained();
    });
  }

  /** Publishes to the queue as producers do, and waits until everything is through. */
  async queue(events: readonly QueueEvent[]): Promise<Usage> {
    const keys = await loadKeyChain(this.#stage.secrets, this.#stage.outputs.keySecret);
    const client = new SQSClient({ ...this.#stage.aws, endpoint: this.#meter.awsUrl });
    const queueUrl = this.#stage.outputs.queueUrl.replace(this.#stage.endpoints.aws, this.#meter.awsUrl);
    const publisher = createEventPublisher({ client, queueUrl });
    try {
      return await this.#meter.measure(async () => {
        await publisher.publish(
          events.map((event) => envelopeEvent(JSON.stringify(event), new Date(), keys).envelope),
        );
        await this.drained();
      });
    } finally {
      client.destroy();
    }
  }

  async #invokeRouter(batch: readonly QueueEvent[]): Promise<void> {
    const { lambda, outputs } = this.#stage;
    const records = batch.map((event) => ({
      messageId: randomUUID(),
      receiptHandle: randomUUID(),
      body: JSON.stringify(event),
      attributes: { SentTimestamp: String(Date.now()), ApproximateReceiveCount: "1" },
      messageAttributes: {},
      eventSource: "aws:sqs",
    }));
    const { Payload: payload, FunctionError: failed } = await lambda.send(
      new InvokeCommand({
        FunctionName: outputs.functions["router"],
        Payload: JSON.stringify({ Records: records }),
      }),
    );
    const answer = payload?.transformToString() ?? "";
    if (failed || !/"batchItemFailures":\s*\[\]/.test(answer))
      throw new Error(`the router did not take all of a batch: ${answer.slice(0, 300)}`);
  }

  /** Waits until nothing is in the event queue and the repair queues. */
  async drained(): Promise<void> {
    const { outputs, sqs, documents, redis, openSearch } = this.#stage;
    const queueUrls = [outputs.queueUrl, outputs.refreshCacheQueueUrl, outputs.repairIndexQueueUrl];
    const stores = { dynamo: documents, sqs, redis, search: openSearch, tables: outputs.tables, queueUrls };
    const end = Date.now() + PATIENCE_MS;
    // The last outcomes put repairs into the queues: they are through when all stay empty.
    for (let quiet = 0; quiet < 3; ) {
      await sleep(100);
      quiet = (await countWaiting(stores)) === 0 ? quiet + 1 : 0;
      if (Date.now() > end) throw new Error(`the queues are not empty after ${PATIENCE_MS / 1_000} s`);
    }
  }
}
