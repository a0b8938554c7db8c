import { expect, it } from "vitest";
import { runSeed, SEEDS } from "./erasure-seeds.ts";

it("erases well in the odd of so many seeded runs with faults, deaths and lag", async () => {
  let runs = 0;
  for (let seed = 1; seed <= SEEDS; seed += 2) {
    await runSeed(seed);
    runs += 1;
  }
  expect(runs).toBeGreaterThan(0);
}, 1_200_000);
