import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../support/random.ts";
import { FaultStage } from "./support/fault-stage.ts";
import type { Rule } from "./support/link.ts";
import { RUN_SEED } from "./support/seed.ts";
import { awsRefusal } from "./support/wire.ts";
import { workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** Functions that write or read rows for a message on its way. */
const WRITERS = ["store-to-dynamodb", "index-to-opensearch", "perform-analytics"];

/** Answers a share of these commands as a busy service does, drawn from the seed. */
function refuseShare(share: number, seed: number, answer: string, ...commands: readonly string[]): Rule {
  const random = seededRandom(seed);
  return (name) =>
    commands.includes(name) && random() < share ? { kind: "answer", response: answer } : undefined;
}

describe("DynamoDB", () => {
  it.each([
    ["ProvisionedThroughputExceededException", 400],
    ["InternalServerError", 500],
  ])("answering every fifth call with %s stores each message once", async (code, status) => {
    const seed = RUN_SEED + 100 + status + code.length;
    const deliveries = workload({ seed, people: 4, each: 6 });
    const commands = ["TransactWriteItems", "BatchExecuteStatement", "BatchGetItem", "GetItem"];
    stage.links.to("aws").rule(refuseShare(1 / 5, seed, awsRefusal(code, status), ...commands));
    await stage.publish(deliveries);
    await stage.expectDurable(deliveries, `durable, seed ${seed}`);
    await stage.links.heal();
    await stage.expectConverged(deliveries, `converged, seed ${seed}`);
  });

  it("doing what was asked while every third answer is lost stores and counts each message once", async () => {
    const seed = RUN_SEED + 200;
    const deliveries = workload({ seed, people: 5, each: 6 });
    const random = seededRandom(seed);
    const writes = ["TransactWriteItems", "BatchExecuteStatement"];
    stage.links
      .to("aws", ...WRITERS)
      .rule((name) => (writes.includes(name) && random() < 1 / 3 ? { kind: "cut", bytes: 3 } : undefined));
    await stage.publish(deliveries);
    await stage.expectDurable(deliveries, `durable, seed ${seed}`);
    expect(stage.links.to("aws", ...WRITERS).count(...writes)).toBeGreaterThan(6);
    await stage.links.heal();
    await stage.expectConverged(deliveries, `converged, seed ${seed}`);
  });

  it("writing 5 s late, after its caller has given up, stores and counts each message once", async () => {
    const seed = RUN_SEED + 300;
    const deliveries = workload({ seed, people: 3, each: 4 });
    let late = 0;
    stage.links.to("aws", "store-to-dynamodb").rule((name) => {
      if (name !== "TransactWriteItems" || late >= 3) return undefined;
      late += 1;
      return { kind: "delay", ms: 5_500 };
    });
    await stage.publish(deliveries);
    await stage.expectConverged(deliveries, `converged, seed ${seed}`);
    expect(late).toBe(3);
  });
});

describe("queues", () => {
  it("that refuse repairs keep their messages in the entry queue: what lags is never forgotten", async () => {
    const seed = RUN_SEED + 400;
    const deliveries = workload({ seed, people: 4, each: 5, poison: false });
    await stage.links.to("redis").refuse();
    await stage.links.to("opensearch").refuse();
    let refused = 0;
    stage.links.to("aws", "router").rule((name) => {
      if (name !== "SendMessageBatch" || refused >= 3) return undefined;
      refused += 1;
      return { kind: "answer", response: awsRefusal("InternalError", 500) };
    });
    await stage.publish(deliveries);
    await expect.poll(() => refused, { timeout: 30_000 }).toBe(3);
    expect(await stage.backlog()).toBeGreaterThan(0);
    await stage.links.heal();
    await stage.expectConverged(deliveries, `converged, seed ${seed}`);
  });
});
