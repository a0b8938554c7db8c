import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FaultStage } from "./support/fault-stage.ts";
import { RUN_SEED } from "./support/seed.ts";
import { type Delivery, workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** The day `days` ago at noon, in another month than today's where it is more than 31. */
const daysAgo = (days: number): string => new Date(Date.now() - days * 86_400_000).toISOString();

/** The same deliveries with every second message, and all that is about it, moved to another month. */
function inTwoMonths(deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.map((delivery) => {
    const { said, body } = delivery;
    if (said.kind === "poison" || Number(said.id.slice(1)) % 2 === 0) return delivery;
    const timestamp = `${daysAgo(40).slice(0, 10)}${said.timestamp.slice(10)}`;
    return {
      ...delivery,
      said: { ...said, timestamp },
      body: JSON.stringify({ ...(JSON.parse(body) as object), timestamp }),
    };
  });
}

describe("a bulk call of which some items fail", () => {
  it("stores all, indexes the others, and mends exactly those once their index takes writes again", async () => {
    const seed = RUN_SEED + 3_000;
    const deliveries = inTwoMonths(workload({ seed, people: 4, each: 8 }));
    const { openSearch } = stage.pipeline.stage;
    const blocked = `conversations-${daysAgo(40).slice(0, 7)}`;
    const index = (await openSearch.indices.exists({ index: blocked })).body
      ? blocked
      : ((await openSearch.indices.create({ index: blocked })).body.index ?? blocked);
    const block = (isBlocked: boolean) =>
      openSearch.indices.putSettings({ index, body: { index: { blocks: { write: isBlocked } } } });
    await block(true);
    await stage.publish(deliveries);
    await stage.expectDurable(deliveries, `durable, seed ${seed}`);
    await openSearch.indices.refresh({ index: "conversations" });
    const held = await openSearch.count({ index });
    const others = await openSearch.count({ index: `conversations-${daysAgo(0).slice(0, 7)}` });
    expect([held.body.count, others.body.count > 0]).toEqual([0, true]);
    await block(false);
    await stage.expectConverged(deliveries, `converged, seed ${seed}`);
    expect((await openSearch.count({ index })).body.count).toBeGreaterThan(0);
  });
});
