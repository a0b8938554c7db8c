import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../support/random.ts";
import { FaultStage } from "./support/fault-stage.ts";
import { RUN_SEED } from "./support/seed.ts";
import { workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
  // A batch whose router died comes again when its visibility time-out ends.
  await stage.redeliverAfter(1, "sqs-entrada-conversacion");
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** Boundaries between the steps of each function: what it sends, to which store. */
const BOUNDARIES: [functionName: string, sends: readonly [store: string, command: RegExp][]][] = [
  [
    "router",
    [
      ["aws", /^BatchGetItem$/],
      ["aws", /^TransactWriteItems$/],
      ["aws", /^StartSyncExecution$/],
      ["aws", /^SendMessageBatch$/],
    ],
  ],
  ["store-in-cache", [["redis", /^EVALSHA$/]]],
  [
    "store-to-dynamodb",
    [
      ["aws", /^BatchGetItem$/],
      ["aws", /^TransactWriteItems$/],
    ],
  ],
  [
    "index-to-opensearch",
    [
      ["aws", /^BatchGetItem$/],
      ["opensearch", /_bulk$/],
    ],
  ],
  [
    "perform-analytics",
    [
      ["aws", /^BatchGetItem$/],
      ["aws", /^TransactWriteItems$/],
    ],
  ],
  ["refresh-cache", [["redis", /^(EVALSHA|UNLINK)$/]]],
  ["repair-index", [["opensearch", /_bulk$/]]],
];

describe("a function killed (SIGKILL)", () => {
  it.each(BOUNDARIES)("%s, before and after each thing it sends, once each", async (functionName, sends) => {
    const seed = RUN_SEED + 1_000 + functionName.length;
    const deliveries = workload({ seed, people: 4, each: 8 });
    const open = sends.flatMap(([store, command]) =>
      (["before", "after"] as const).map((moment) => ({ store, command, moment })),
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

  it("again and again at random, router and writers, loses and doubles nothing", async () => {
    const seed = RUN_SEED + 2_000;
    const random = seededRandom(seed);
    const deliveries = workload({ seed, people: 8, each: 10 });
    await stage.publish(deliveries);
    const names = [
      "router",
      "store-in-cache",
      "store-to-dynamodb",
      "index-to-opensearch",
      "perform-analytics",
    ];
    let killed = 0;
    for (let round = 0; round < 12; round++) {
      killed += stage.killWorkers(names[Math.floor(random() * names.length)] ?? "router");
      await sleep(100 + random() * 500);
    }
    expect(killed).toBeGreaterThan(0);
    await stage.expectConverged(deliveries, `seed ${seed}`);
  });
});
