import type { ErasureTarget } from "../../functions/core/domain/erasure.ts";
import { isNothing } from "../../functions/core/domain/erasure.ts";
import type { ErasePace, PersonalStore } from "../../functions/core/ports/personal-store.ts";
import { cacheStore, searchStore, tableStores } from "./erasure-stores.ts";
import type { ErasureWorld } from "./erasure-world.ts";

export type ErasedPart = "cache" | "tables" | "search" | "lake";

const PLACES: Readonly<Record<ErasedPart, readonly string[]>> = {
  cache: ["cache"],
  tables: ["rows", "records", "conversations", "profiles", "quarantine"],
  search: ["search"],
  lake: ["lake"],
};

export interface ErasureOptions {
  readonly parts?: readonly ErasedPart[];
  /** Linked to the person before it begins. */
  readonly aliases?: readonly string[];
  readonly passes?: number;
}

const TRIES = 5;
const PACE: ErasePace = { hasTime: () => true, unheld: async (targets) => targets };

/** One execution of `user-erasure`: fence, drain, two passes over the stores side by side, receipt. */
export function startErasure(
  world: ErasureWorld,
  actor: string,
  userId: string,
  { parts = ["cache", "tables", "search"], aliases = [], passes = 2 }: ErasureOptions = {},
): void {
  const { scheduler, bug } = world;
  for (const part of parts) for (const place of PLACES[part]) world.places.add(place);
  scheduler.start(async () => {
    const ids = [userId, ...aliases];
    const first = bug === "aliases fenced after the drain" ? [userId] : ids;
    const targets: ErasureTarget[] = [];
    for (const id of first) targets.push(await fence(world, actor, id));
    await drain(world, actor);
    for (const id of ids.filter((one) => !first.includes(one))) targets.push(await fence(world, actor, id));
    const last = bug === "no last pass" ? 1 : passes;
    for (let pass = 1; pass <= last; pass++) {
      await Promise.all(
        parts.map((part) => erasePart(storesOf(world, `${actor}'s ${part}`, part), targets, TRIES)),
      );
    }
    await world.step(actor, "receipt", { reads: ["cache", "rows", "search", "object"] });
    world.promise(targets);
  });
}

async function fence(world: ErasureWorld, actor: string, userId: string): Promise<ErasureTarget> {
  await world.step(actor, `fence ${userId}`, { writes: ["ledger", "fences"] });
  return world.fence(userId);
}

/** Waits for every invocation that may have read the ledger before the fence. */
async function drain(world: ErasureWorld, actor: string): Promise<void> {
  if (world.bug === "no drain") return;
  const before = [...world.living];
  const isOver = () => before.every(([id]) => !world.living.has(id));
  await world.step(actor, "drained", { reads: before.map(([, name]) => `life of ${name}`) }, isOver);
}

function storesOf(world: ErasureWorld, actor: string, part: ErasedPart): PersonalStore[] {
  switch (part) {
    case "cache":
      return Object.values(cacheStore(world, actor));
    case "tables":
      return Object.values(tableStores(world, actor));
    case "search":
      return Object.values(searchStore(world, actor));
    case "lake":
      return [];
  }
}

async function erasePart(
  stores: readonly PersonalStore[],
  targets: readonly ErasureTarget[],
  tries: number,
): Promise<void> {
  for (const store of stores) {
    for (let attempt = 0; ; attempt++) {
      if (attempt === tries) throw new Error("residue: the verifier still finds something");
      await store.erase(targets, PACE);
      const left = await store.verify(targets);
      if (left.every(isNothing)) break;
    }
  }
}
