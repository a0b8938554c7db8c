import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRedisClient } from "../../../functions/adapters/redis/client.ts";
import type { ErasureBug } from "../../simulation/erasure-bugs.ts";
import { type RealStores, realStores } from "../../simulation/erasure-engines.ts";
import { realState, replay, simulatedState } from "../../simulation/erasure-replay.ts";
import { ALIAS, ERASED, NEIGHBOUR, SMALL } from "../../simulation/erasure-scenarios.ts";
import { runAtRandom } from "../../simulation/explore.ts";
import { seededRandom } from "../../support/random.ts";
import { openStage, type TestStage } from "../../support/stage.ts";

const PEOPLE = [ERASED, NEIGHBOUR, ALIAS];

let stage: TestStage;
let redis: ReturnType<typeof createRedisClient>;
beforeAll(async () => {
  stage = await openStage();
  redis = createRedisClient({ url: stage.endpoints.redis });
});
afterAll(async () => {
  redis.close();
  await stage.close();
});

/** A run of the simulation, and what was wrong with it. */
async function simulate(scenario: string, seed: number, bug?: ErasureBug) {
  const run = await beginOf(scenario)(bug, { isCoarse: true });
  const until = { ...run, finish: async () => undefined };
  const wrong = await runAtRandom(until, seededRandom(seed), () => false).then(
    () => undefined,
    (error: unknown) => String(error).split("\n")[0],
  );
  return { world: run.world, trace: [...run.scheduler.trace], wrong };
}

/** Whether something is held that a receipt says is gone, where the scenario erases at all. */
function isResidue(state: ReturnType<typeof simulatedState>, places: ReadonlySet<string>): boolean {
  const { promised, cached, rows, documents } = state;
  const isGone = (place: string, texts: readonly string[], word: number): boolean =>
    places.has(place) && texts.some((text) => Number(text.split(" ")[word]) <= promised);
  return isGone("cache", cached, 0) || isGone("rows", rows, 1) || isGone("search", documents, 1);
}

function beginOf(scenario: string) {
  const begin = SMALL[scenario];
  if (begin === undefined) throw new Error(`no such scenario: ${scenario}`);
  return begin;
}

/** Makes a run's steps again on the engines, and expects to find there what the simulation ended in. */
async function expectSame(
  scenario: string,
  { world, trace }: Awaited<ReturnType<typeof simulate>>,
  bug?: ErasureBug,
): Promise<void> {
  let clock = () => world.now;
  const engines: RealStores = realStores(stage, redis, () => clock());
  const real = await beginOf(scenario)(bug, { engines, suffix: randomUUID().slice(0, 8) });
  clock = real.world.clock;
  await replay(real, trace);
  const expected = PEOPLE.map((user) => simulatedState(world, user));
  // Two empty stores would agree, too.
  expect(expected.some(({ generation, rows }) => generation > 1 || rows.length > 0)).toBe(true);
  expect(expected.some((state) => isResidue(state, world.places))).toBe(bug !== undefined);
  expect(await Promise.all(PEOPLE.map((user) => realState(real.world, engines, user)))).toEqual(expected);
}

describe("traces of the simulation on real engines", () => {
  it.each([
    ["a message on its way", 3],
    ["a message on its way under another id of the person", 4],
    ["a message of somebody whose id begins alike", 5],
    ["a fill of the cache", 6],
    ["the person comes back with an id of before", 7],
    ["an old message is delivered again", 8],
    ["a message is analysed while its deletion comes", 9],
  ])("end as they do there: %s (seed %i)", async (scenario, seed) => {
    const run = await simulate(scenario, seed);
    expect(run.wrong).toBeUndefined();
    await expectSame(scenario, run);
  });

  it.each([
    ["no drain", "a message on its way"],
    ["no fence in the cache fill", "a fill of the cache"],
    ["aliases fenced after the drain", "a message on its way under another id of the person"],
  ] satisfies [ErasureBug, string][])("go wrong as they do there: %s, in %s", async (bug, scenario) => {
    for (let seed = 1; ; seed++) {
      const run = await simulate(scenario, seed, bug);
      if (run.wrong === undefined) continue;
      expect(run.wrong).toMatch(/residue|resurrection/);
      return expectSame(scenario, run, bug);
    }
  });
});
