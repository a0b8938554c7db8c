import { describe, expect, it } from "vitest";
import { seededRandom } from "../support/random.ts";
import { exploreAll, runAtRandom } from "./explore.ts";
import { randomRun, SMALL } from "./lake-scenarios.ts";
import type { PlantedBug } from "./planted-bugs.ts";

/** More with `HILO_SIMULATION_RUNS`. */
const SEEDS = Number(process.env["HILO_SIMULATION_RUNS"] ?? 1_000);
const ENOUGH_FOR_A_BUG = 300;

/** @throws Error with the steps that led to what is wrong */
async function runSeed(seed: number, bug?: PlantedBug): Promise<void> {
  const random = seededRandom(seed);
  const run = await randomRun(random, bug);
  await runAtRandom(run, random, run.disturb).catch((error: unknown) => {
    throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
  });
}

describe("the lake export, its steps in every order", () => {
  it.each(Object.entries(SMALL))("%s", async (_, begin) => {
    expect(await exploreAll(() => begin())).toBeGreaterThan(20);
  });
});

describe("the lake export, its steps in seeded orders", () => {
  it(`ends right in ${SEEDS} runs with crashes, lost answers, late rows, erasures and expiry`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) await runSeed(seed);
  }, 600_000);
});

describe("the simulation finds what is wrong on purpose", () => {
  const NEW = "an export of a new day against an erasure";
  const AGAIN = "an export that is killed and made again by another";
  const LATE = "an export, its reading back and a late row";

  it.each([
    ["index after commit", NEW, "somebody in the object is not in the index"],
    ["no fence check", NEW, "residue"],
    ["upload not recorded", NEW, "residue"],
    ["abort that does nothing", NEW, "residue"],
    ["absence is deletion", AGAIN, "collateral"],
    ["clean without settling", LATE, "a clean day is not what the table says"],
    ["mark after the row", LATE, "a clean day is not what the table says"],
  ] satisfies [PlantedBug, string, string][])("%s, in %s", async (bug, scenario, what) => {
    const begin = SMALL[scenario];
    if (begin === undefined) throw new Error("no such scenario");
    await expect(exploreAll(() => begin(bug))).rejects.toThrow(what);
  });

  it.each([
    ["no If-Match", "collateral"],
    ["marks taken at the commit", "a clean day is not what the table says"],
  ] satisfies [PlantedBug, string][])("%s, in a seeded order", async (bug, what) => {
    const found: string[] = [];
    for (let seed = 1; seed <= ENOUGH_FOR_A_BUG && found.length === 0; seed++) {
      await runSeed(seed, bug).catch((error: unknown) => found.push(String(error)));
    }
    expect(found.join()).toContain(what);
  });
});
