import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { FaultStage } from "./support/fault-stage.ts";
import type { Treatment } from "./support/link.ts";
import { RUN_SEED } from "./support/seed.ts";
import { type WorkloadOptions, workload } from "./support/workload.ts";

let stage: FaultStage;
beforeAll(async () => {
  stage = await FaultStage.open();
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

type Fault = "refuses" | Treatment;
const SLOW: Treatment = { kind: "delay", ms: 5_000 };
const CUT: Treatment = { kind: "cut", bytes: 3 };
/** A few batches; one where each takes as long as its time-outs. */
const SOME: Omit<WorkloadOptions, "seed"> = { people: 2, each: 6 };
const FEW: Omit<WorkloadOptions, "seed"> = { people: 2, each: 3 };

const CASES: [name: string, stores: readonly string[], fault: Fault, load: typeof SOME][] = [
  ["nothing is wrong", [], "refuses", SOME],
  ["Valkey refuses", ["redis"], "refuses", SOME],
  ["OpenSearch refuses", ["opensearch"], "refuses", SOME],
  ["Valkey and OpenSearch answer 5 s late", ["redis", "opensearch"], SLOW, FEW],
  ["Valkey and OpenSearch are cut off in their answers", ["redis", "opensearch"], CUT, FEW],
];

describe("stores that may lag", () => {
  it.each(CASES)(
    "while %s messages are stored, and afterwards all stores agree",
    async (name, stores, fault, load) => {
      const seed = RUN_SEED + CASES.findIndex(([one]) => one === name);
      const deliveries = workload({ seed, ...load });
      for (const store of stores) {
        const links = stage.links.to(store);
        if (fault === "refuses") await links.refuse();
        else links.treat(fault);
      }
      await stage.publish(deliveries);
      await stage.expectDurable(deliveries, `durable, seed ${seed}`);
      for (const store of stores.filter(() => fault !== "refuses"))
        expect(stage.links.to(store).count(), `the fault met nobody, seed ${seed}`).toBeGreaterThan(0);
      await stage.links.heal();
      await stage.expectConverged(deliveries, `converged, seed ${seed}`);
    },
  );
});
