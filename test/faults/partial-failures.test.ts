import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { dayBefore } from "../../functions/core/domain/day.ts";
import { FaultStage } from "./support/fault-stage.ts";
import { RUN_SEED } from "./support/seed.ts";
import { type Delivery, workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** A day of another month than the present, and than an hour ago. */
const day = dayBefore(new Date(), 40);

/** The same deliveries with every second message, and all that is about it, moved to another month. */
function inTwoMonths(deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.map((delivery) => {
    const { said, body } = delivery;
    if (said.kind === "poison" || Number(said.id.slice(1)) % 2 === 0) return delivery;
    const timestamp = `${day}${said.timestamp.slice(10)}`;
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
    const blocked = `conversations-${day.slice(0, 7)}`;
    const index = (await openSearch.indices.exists({ index: blocked })).body
      ? blocked
      : ((await openSearch.indices.create({ index: blocked })).body.index ?? blocked);
    const block = (isBlocked: boolean) =>
      openSearch.indices.putSettings({ index, body: { index: { blocks: { write: isBlocked } } } });
    // Of these people alone: other files leave documents in the month.
    const query = { terms: { user_id: [...new Set(deliveries.map(({ userId }) => userId))] } };
    const countOf = async (name: string): Promise<number> =>
      (await openSearch.count({ index: name, body: { query } })).body.count;
    await block(true);
    await stage.publish(deliveries);
    await stage.expectDurable(deliveries, `durable, seed ${seed}`);
    await openSearch.indices.refresh({ index: "conversations" });
    expect([await countOf(index), (await countOf("conversations")) > 0]).toEqual([0, true]);
    await block(false);
    await stage.expectConverged(deliveries, `converged, seed ${seed}`);
    expect(await countOf(index)).toBeGreaterThan(0);
  });
});
