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
const SOME: Omit<WorkloadOptions, "seed"> = { people: 6, each: 6 };
const FEW: Omit<WorkloadOptions, "seed"> = { people: 2, each: 4 };

const CASES: [name: string, stores: readonly string[], fault: Fault, load: typeof SOME][] = [
  ["nothing is wrong", [], "refuses", SOME],
  ["Valkey refuses", ["redis"], "refuses", SOME],
  ["Valkey answers 5 s late", ["redis"], SLOW, FEW],
  ["Valkey is cut off in its answers", ["redis"], CUT, SOME],
  ["OpenSearch refuses", ["opensearch"], "refuses", SOME],
  ["OpenSearch answers 5 s late", ["opensearch"], SLOW, FEW],
  ["OpenSearch is cut off in its answers", ["opensearch"], CUT, SOME],
  ["Valkey and OpenSearch refuse", ["redis", "opensearch"], "refuses", SOME],
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
      const began = Date.now();
      await stage.expectConverged(deliveries, `converged, seed ${seed}`);
      console.log(name, "converged in", Date.now() - began);
    },
  );
});
