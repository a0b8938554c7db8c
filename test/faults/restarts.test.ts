import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { FaultStage } from "./support/fault-stage.ts";
import { RUN_SEED } from "./support/seed.ts";
import { workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

describe("an engine killed (SIGKILL) in mid-stream and started again", () => {
  it.each(["valkey", "opensearch", "ministack"] as const)(
    "%s: nothing acknowledged is lost",
    async (engine) => {
      const seed = RUN_SEED + 4_000 + engine.length;
      const deliveries = workload({ seed, people: 8, each: 10 });
      const half = deliveries.length / 2;
      await stage.publish(deliveries.slice(0, half));
      await stage.restart(engine);
      await stage.publish(deliveries.slice(half));
      await stage.expectConverged(deliveries, `seed ${seed}`);
    },
  );
});
