import { describe, expect, it } from "vitest";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { assertComplete, FIRST_RANGE } from "../../../functions/core/domain/tag-range.ts";
import { LOOKUPS_END_MS, retagLedger } from "../../../functions/core/use-cases/erasure/retag-ledger.ts";
import { exploreAll, type Run } from "../../simulation/explore.ts";
import { type Footprint, Scheduler } from "../../simulation/scheduler.ts";
import { NOW } from "../../support/builders.ts";
import { createFakeFences, type FakeFenceTables } from "../../support/fakes/fake-fences.ts";
import { FakeLedgerTags } from "../../support/fakes/fake-ledger-tags.ts";

const [k1, k2] = ["1".repeat(64), "2".repeat(64)];
/** What a warm function may know: the keys before, the new one too, and that it is the one to ask by. */
const CHAINS = {
  old: new KeyChain({ k1 }),
  both: new KeyChain({ k1, k2 }),
  switched: new KeyChain({ k1, k2, lookups: "k2" }),
} as const;
type Knowledge = keyof typeof CHAINS;
const KNOWLEDGE = Object.keys(CHAINS) as Knowledge[];
const NEWEST = CHAINS.switched;
const USER = "web:ana";

type PlantedBug = "lookup asks no range" | "fence under one tag" | "asked before it is copied" | "no wait";

/** What each step reads and writes of range, fences, time, and lookups under way. */
const FOOTPRINTS: Readonly<Record<string, Footprint>> = {
  move: { reads: ["time"], writes: ["range"] },
  page: { reads: ["fences"] },
  read: { reads: ["fences"] },
  copy: { writes: ["fences"] },
  remove: { writes: ["fences"] },
  "time passes": { reads: ["lookups"], writes: ["time"] },
  fence: { reads: ["range", "time"], writes: ["fences"] },
  begins: { reads: ["range", "fences"], writes: ["lookups"] },
  "reads the rest": { reads: ["range", "fences"], writes: ["lookups"] },
};

interface Scenario {
  readonly fencer: Knowledge;
  readonly reader: Knowledge;
  /** What of the ledger a lookup reads first: BatchGetItem reads each item for itself. */
  readonly first: "range" | "fence";
  readonly wasFenced: boolean;
  readonly bug?: PlantedBug;
}

/** A rotation from begin to end, a fence and a lookup, by functions that know what they know. */
async function begin({ fencer, reader, first, wasFenced, bug }: Scenario): Promise<Run> {
  const scheduler = new Scheduler();
  const tables: FakeFenceTables = { fences: new Map<string, Fence>() };
  let now = NOW;
  const clock = () => new Date(now);
  const fences = createFakeFences(tables, { clock });
  const fence = (keys: KeyChain, requestId: string) =>
    fences.fence({
      tag: keys.tag(USER),
      tags: keys.tags(USER),
      requestId,
      at: now,
    });
  /** Fences there are; what a lookup that begins now must see. */
  let generations = 0;
  if (wasFenced) generations = (await fence(CHAINS.old, "er-before")).generation;
  const step = (actor: string, name: string, isEnabled = () => true) => {
    const footprint = FOOTPRINTS[name];
    if (footprint === undefined) throw new Error(`no such step: ${name}`);
    return scheduler.step({ actor, name, footprint, isEnabled });
  };

  let lookups = 0;
  const wrong: string[] = [];
  const ledger = new FakeLedgerTags(tables, clock, { step: (name) => step("rotation", name) });
  const timePasses = async () => {
    // Whoever began to ask before is gone by then.
    await step("rotation", "time passes", () => bug === "no wait" || lookups === 0);
    now = new Date(Date.parse(now) + LOOKUPS_END_MS).toISOString();
  };
  scheduler.start(async () => {
    if (bug === "asked before it is copied") tables.tagRange = { from: 1, to: 2, complete: 2 };
    for (const [keys, finish, state] of [
      [CHAINS.both, false, bug === "asked before it is copied" ? "switch-lookups" : "wait"],
      [CHAINS.both, false, "switch-lookups"],
      [NEWEST, true, "wait"],
      [NEWEST, true, "done"],
    ] as const) {
      const { state: reached } = await retagLedger({ finish }, { ledger, keys, clock });
      if (reached !== state) wrong.push(`${reached} instead of ${state}`);
      if (state === "wait") await timePasses();
    }
  });

  scheduler.start(async () => {
    await step("fencer", "fence");
    try {
      // The bug: an eraser that rotation was not thought of in.
      const tag = CHAINS[fencer].tag(USER);
      const { generation } =
        bug === "fence under one tag"
          ? { generation: (tables.fences.get(tag)?.generation ?? 0) + 1 }
          : await fence(CHAINS[fencer], "er-now");
      if (bug === "fence under one tag") tables.fences.set(tag, { generation, fenced_at: now });
      generations = Math.max(generations, generation);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
    }
  });

  scheduler.start(async () => {
    await step("reader", "begins");
    lookups += 1;
    const expected = generations;
    const tag = CHAINS[reader].tag(USER);
    const readRange = () => tables.tagRange ?? FIRST_RANGE;
    const readFence = () => tables.fences.get(tag)?.generation ?? 0;
    const ahead = first === "range" ? readRange() : readFence();
    await step("reader", "reads the rest");
    const range = typeof ahead === "number" ? readRange() : ahead;
    const seen = typeof ahead === "number" ? ahead : readFence();
    lookups -= 1;
    try {
      if (bug !== "lookup asks no range") assertComplete([tag], range);
      if (seen < expected) wrong.push(`revived: generation ${seen} was seen, ${expected} is erased`);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
    }
  });

  return {
    scheduler,
    check() {
      if (wrong[0]) throw new Error(wrong[0]);
    },
    async finish() {
      // Everything that was fenced is there under the new key, and nothing under the old one.
      const kept = tables.fences.get(NEWEST.tag(USER))?.generation ?? 0;
      if (kept !== generations) throw new Error(`lost: generation ${kept} is kept, ${generations} is erased`);
      if (tables.fences.has(CHAINS.old.tag(USER))) throw new Error("an old tag is left");
    },
  };
}

const SCENARIOS = KNOWLEDGE.flatMap((fencer) =>
  KNOWLEDGE.flatMap((reader) =>
    [false, true].flatMap((wasFenced) =>
      (["range", "fence"] as const).map((first): Scenario => ({ fencer, reader, first, wasFenced })),
    ),
  ),
);

describe("a rotation of the hash keys, its steps in every order with those of a fence and a lookup", () => {
  it("revives nobody, whatever those two know of the keys", async () => {
    let runs = 0;
    for (const scenario of SCENARIOS) runs += await exploreAll(() => begin(scenario));
    expect(runs).toBeGreaterThan(1_000);
  }, 60_000);

  it.each([
    ["lookup asks no range", { fencer: "switched", reader: "old", first: "range", wasFenced: false }],
    ["fence under one tag", { fencer: "both", reader: "switched", first: "range", wasFenced: false }],
    ["asked before it is copied", { fencer: "both", reader: "switched", first: "range", wasFenced: true }],
    ["no wait", { fencer: "both", reader: "both", first: "range", wasFenced: true }],
  ] satisfies [PlantedBug, Scenario][])("would: %s", async (bug, scenario) => {
    await expect(exploreAll(() => begin({ ...scenario, bug }))).rejects.toThrow(/revived|lost/);
  });
});
