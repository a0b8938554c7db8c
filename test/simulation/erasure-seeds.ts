import { seededRandom } from "../support/random.ts";
import type { ErasureBug } from "./erasure-bugs.ts";
import { randomRun } from "./erasure-random.ts";
import { runAtRandom } from "./explore.ts";

/** More with `HILO_SIMULATION_RUNS`. */
export const SEEDS = Number(process.env["HILO_SIMULATION_RUNS"] ?? 10_000);

/** Makes the run of a seed. @throws Error with the seed and the steps that led to what is wrong */
export async function runSeed(seed: number, bug?: ErasureBug): Promise<void> {
  const random = seededRandom(seed);
  const run = await randomRun(random, bug);
  await runAtRandom(run, random, run.disturb).catch((error: unknown) => {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
  });
}
