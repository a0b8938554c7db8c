import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../support/random.ts";
import { FaultStage } from "./support/fault-stage.ts";
import { RUN_SEED } from "./support/seed.ts";
import { workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
beforeEach(() => stage.redeliverAfter(1, ENTRY));
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** A batch whose router died comes again when its visibility time-out ends. */
const ENTRY = "sqs-entrada-conversacion";
/** Seconds that an execution without its router may go on; deployed, the time-out is seven times the longest one. */
const EXECUTION_SECONDS = 8;

type Moment = "before" | "after";
const BOTH: readonly Moment[] = ["before", "after"];

/** Boundaries between the steps of each function: what it sends, to which store, and on which side of it it dies. */
const BOUNDARIES: [
  functionName: string,
  sends: readonly [store: string, command: RegExp, moments: readonly Moment[]][],
][] = [
  [
    "router",
    [
      ["aws", /^TransactWriteItems$/, ["after"]],
      ["aws", /^StartSyncExecution$/, BOTH],
      ["aws", /^SendMessageBatch$/, ["after"]],
    ],
  ],
  ["store-in-cache", [["redis", /^EVALSHA$/, BOTH]]],
  ["store-to-dynamodb", [["aws", /^TransactWriteItems$/, BOTH]]],
  [
    "index-to-opensearch",
    [
      ["aws", /^BatchGetItem$/, ["after"]],
      ["opensearch", /_bulk$/, BOTH],
    ],
  ],
  ["perform-analytics", [["aws", /^BatchExecuteStatement$/, BOTH]]],
  ["refresh-cache", [["redis", /^(EVALSHA|UNLINK)$/, BOTH]]],
  ["repair-index", [["opensearch", /_bulk$/, BOTH]]],
];

describe("a function killed (SIGKILL)", () => {
  it.each(BOUNDARIES)("%s, before and after what it sends, once each", async (functionName, sends) => {
    const seed = RUN_SEED + 1_000 + functionName.length;
    const deliveries = workload({ seed, people: 4, each: 8 });
    const open = sends.flatMap(([store, command, moments]) =>
      moments.map((moment) => ({ store, command, moment })),
    );
    for (const store of new Set(sends.map(([name]) => name))) {
      stage.links.to(store, functionName).rule((name) => {
        const index = open.findIndex((point) => point.store === store && point.command.test(name));
        const [point] = index < 0 ? [] : open.splice(index, 1);
        return (
          point && { kind: "crash", moment: point.moment, act: () => void stage.killWorkers(functionName) }
        );
      });
    }
    await stage.publish(deliveries);
    await stage.expectConverged(deliveries, `seed ${seed}`);
    expect(open, `never reached, seed ${seed}`).toEqual([]);
  });

  it("at random moments, writers again and again and the router in mid-execution, loses and doubles nothing", async () => {
    const seed = RUN_SEED + 2_000;
    const random = seededRandom(seed);
    const deliveries = workload({ seed, people: 8, each: 10 });
    await stage.redeliverAfter(EXECUTION_SECONDS, ENTRY);
    let executions = 0;
    let killed = 0;
    stage.links.to("aws", "store-to-dynamodb").rule((name) => {
      // The router waits for this execution; the function takes no notice.
      if (name === "TransactWriteItems" && ++executions === 2) killed += stage.killWorkers("router");
      return undefined;
    });
    await stage.publish(deliveries);
    const writers = ["store-in-cache", "store-to-dynamodb", "index-to-opensearch", "perform-analytics"];
    for (let round = 0; round < 10; round++) {
      killed += stage.killWorkers(writers[Math.floor(random() * writers.length)] ?? "store-in-cache");
      await sleep(100 + random() * 400);
    }
    expect(killed).toBeGreaterThan(1);
    await stage.expectConverged(deliveries, `seed ${seed}`);
  });
});
