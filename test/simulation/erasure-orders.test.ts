import { describe, expect, it } from "vitest";
import { seededRandom } from "../support/random.ts";
import type { ErasureBug } from "./erasure-bugs.ts";
import { SMALL } from "./erasure-scenarios.ts";
import { exploreAll, type Run, runAtRandom } from "./explore.ts";

const TIMEOUT = 300_000;
/** Schedules with too many orders to try each of them. */
const LONG = new Set(["an export of a day that is in the lake", "an export of a day that has a new row"]);
const SAMPLES = 300;

const begin = (name: string, bug?: ErasureBug): (() => Promise<Run>) => {
  const scenario = SMALL[name];
  if (scenario === undefined) throw new Error(`no such scenario: ${name}`);
  return () => scenario(bug);
};

/** Some orders, by seeds. @throws Error that names the seed */
async function sample(start: () => Promise<Run>): Promise<void> {
  for (let seed = 1; seed <= SAMPLES; seed++) {
    await runAtRandom(await start(), seededRandom(seed), () => false).catch((error: unknown) => {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    });
  }
}

describe("an erasure against what else happens, its steps in every order", () => {
  it.each(Object.keys(SMALL).filter((name) => !LONG.has(name)))(
    "%s",
    async (name) => {
      expect(await exploreAll(begin(name))).toBeGreaterThan(5);
    },
    TIMEOUT,
  );

  it.each([...LONG])(
    "%s, in many orders",
    async (name) => {
      await expect(sample(begin(name))).resolves.toBeUndefined();
    },
    TIMEOUT,
  );
});

describe("the simulation of erasures finds what is wrong on purpose", () => {
  const ON_ITS_WAY = "a message on its way";

  it.each([
    ["no fence in the cache fill", "a fill of the cache", "resurrection: cache"],
    ["delete before refresh", ON_ITS_WAY, "residue: search"],
    ["first page only", "a message of somebody whose id begins alike", "residue: rows"],
    ["prefix match of keys", ON_ITS_WAY, "collateral: rows"],
    [
      "tombstone inside OpenSearch as the only fence",
      "a repair of the index, and a minute that passes",
      "resurrection: search",
    ],
    [
      "exporter paused before commit and resumed after the receipt",
      "an export of a new day",
      ": lake holds generation 1",
    ],
    ["index written after commit", "an export of a new day that is killed", ": lake holds generation 1"],
    ["analytics upsert", "a message is analysed while its deletion comes", "collateral: rows"],
    [
      "aliases fenced after the drain",
      "a message on its way under another id of the person",
      "resurrection: cache",
    ],
    [
      "documents of all generations count alike",
      "the person comes back with an id of before",
      "collateral: the index lacks",
    ],
    ["restore without the fence", "a table that is restored from a backup of before", "resurrection: rows"],
    ["no drain", ON_ITS_WAY, "resurrection: cache"],
  ] satisfies [ErasureBug, string, string][])(
    "%s, in %s",
    async (bug, scenario, what) => {
      await expect(exploreAll(begin(scenario, bug))).rejects.toThrow(what);
    },
    TIMEOUT,
  );

  it.each([
    ["no If-Match", "an export of a day that has a new row", "collateral: a row of the lake is lost"],
    ["every version but mine is deleted", "an export of a day that is in the lake", "is not in the bucket"],
    [
      "merge that re-adds a row the platform deleted",
      "an export after the platform deleted a row",
      "is not what the table says",
    ],
  ] satisfies [ErasureBug, string, string][])(
    "%s, in %s, by seeds",
    async (bug, scenario, what) => {
      await expect(sample(begin(scenario, bug))).rejects.toThrow(what);
    },
    TIMEOUT,
  );
});
