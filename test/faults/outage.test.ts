import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { FaultStage } from "./support/fault-stage.ts";
import { RUN_SEED } from "./support/seed.ts";
import { workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** A minute's outage of a deployment, at a shorter clock: it must outlast several tries of a message. */
const OUTAGE_MS = 12_000;
/** Backlog that takes longer to work off than the outage lasts. */
const BACKLOG = { people: 80, each: 10, poison: false };
/** Drain time over backlog ÷ capacity. */
const MOST_DRAIN = 1.2;

it("an outage of the durable store under load: attempts are bounded, and the backlog drains at full speed", async () => {
  const seed = RUN_SEED + 5_000;
  const entryEmpty = (): Promise<void> =>
    expect.poll(() => stage.backlog(), { timeout: 100_000, interval: 50 }).toBe(0);

  const before = workload({ ...BACKLOG, seed, people: 20 });
  let began = Date.now();
  await stage.publish(before);
  await entryEmpty();
  const capacity = before.length / (Date.now() - began);

  const deliveries = workload({ ...BACKLOG, seed: seed + 1 });
  await stage.links.heal();
  await stage.links.to("aws", "store-to-dynamodb").refuse();
  stage.links
    .to("aws", "router")
    .rule((name) => (name === "BatchGetItem" ? { kind: "cut", bytes: 0 } : undefined));
  began = Date.now();
  await stage.publish(deliveries);
  const published = Date.now() - began;
  await sleep(Math.max(0, OUTAGE_MS - published));
  const tries = stage.links.to("aws", "router").count("BatchGetItem");
  await stage.links.heal();
  began = Date.now();
  const backlog = await stage.backlog();
  await entryEmpty();
  const drain = Date.now() - began;
  console.log({
    seed,
    capacity: capacity * 1000,
    backlog,
    published,
    tries,
    drain,
    ratio: (drain * capacity) / backlog,
  });
  expect(drain, `seed ${seed}`).toBeLessThanOrEqual((MOST_DRAIN * backlog) / capacity);
  await stage.expectConverged([...before, ...deliveries], `seed ${seed}`);
});
