import {
  addCounts,
  type ErasureTarget,
  NOTHING_HELD,
  type StoreCounts,
} from "../../functions/core/domain/erasure.ts";
import type { StoresOf } from "../../functions/core/domain/personal-stores.ts";
import type { PersonalStore } from "../../functions/core/ports/personal-store.ts";
import type { FakeTableName } from "../support/fakes/fake-tables.ts";
import { nothing } from "./empty-store.ts";
import { faulty } from "./erasure-ports.ts";
import { type ErasureWorld, INSIDE } from "./erasure-world.ts";
import type { Footprint } from "./scheduler.ts";

/** Items of a page, so that little data has several. */
const PAGE = 2;

interface HeldItem {
  readonly name: string;
  readonly generation: number;
}

/** Where one table's items of a person are, and how one is removed while its generation allows it. */
interface Area {
  readonly footprint: Footprint;
  readonly find: (target: ErasureTarget) => readonly HeldItem[];
  readonly remove: (item: HeldItem, target: ErasureTarget) => boolean;
  /** Whether all of it is one step: small scenarios have no room for what resembles other steps. */
  readonly isBrief?: boolean;
}

/**
 * Erases as the adapters do: a page is read, the hold asked, each item of it removed on condition of its generation.
 * Every reading and every page's removal is a step of `actor`.
 */
function pagedStore(world: ErasureWorld, actor: string, store: string, area: Area): PersonalStore {
  // What is brief happens in the step before it.
  const reads = world.isBrief ? area.footprint : { reads: area.footprint.writes ?? [] };
  const find = (target: ErasureTarget) =>
    area.find(target).filter(({ generation }) => generation <= target.generation);
  const look = async (name: string, targets: readonly ErasureTarget[]): Promise<StoreCounts[]> => {
    if (!area.isBrief && !(world.isBrief && name === "count"))
      await world.step(actor, `${name} ${store}`, reads);
    const isTrusted = world.bug === "first page only" && name === "verify";
    return targets.map((target) => counted(isTrusted ? 0 : find(target).length));
  };
  return {
    count: (targets) => look("count", targets),
    verify: (targets) => look("verify", targets),
    async erase(targets, pace) {
      const removed = targets.map(() => NOTHING_HELD);
      for (const [nth, target] of targets.entries()) {
        for (let pages = 0; ; pages++) {
          if (!area.isBrief) await world.step(actor, `read ${store}`, reads);
          const page = find(target).slice(0, PAGE);
          if (page.length === 0 || (world.bug === "first page only" && pages > 0)) break;
          if (!pace.hasTime()) return { done: false, removed };
          if ((await pace.unheld([target])).length === 0) break;
          const step = `remove ${store}`;
          if (!area.isBrief) await world.step(actor, step, area.footprint);
          const gone = await faulty(world, actor, step, area.footprint, async () =>
            page.filter((item) => area.remove(item, target)),
          );
          removed[nth] = addCounts(removed[nth] ?? NOTHING_HELD, counted(gone.length));
        }
      }
      return { done: true, removed };
    },
    async *export() {},
  };
}

const counted = (items: number): StoreCounts => ({ ...NOTHING_HELD, items });

const NOTHING: Area = { footprint: {}, find: () => [], remove: () => false };

/** Each call as one step, whatever it does inside. */
export function oneStepACall(
  world: ErasureWorld,
  actor: string,
  name: string,
  store: PersonalStore,
): PersonalStore {
  const all = { writes: ["cache", "rows", "search", "found", "quarantine"] };
  const stepped = async <T>(call: string, work: () => Promise<T>): Promise<T> => {
    await world.step(actor, `${call} ${name}`, all);
    world.busy += 1;
    return work().finally(() => {
      world.busy -= 1;
    });
  };
  return {
    count: (targets) => stepped("count", () => store.count(targets)),
    erase: (targets, pace) => stepped("erase", () => store.erase(targets, pace)),
    verify: (targets) => stepped("verify", () => store.verify(targets)),
    export: (person) => store.export(person),
  };
}

/** Simulated stores, with a step at each page or, where the trace is to be replayed, at each call. */
function stepped<K extends string>(
  world: ErasureWorld,
  actor: string,
  stores: (actor: string) => Record<K, PersonalStore>,
): Record<K, PersonalStore> {
  if (!world.isCoarse) return stores(actor);
  const inner = Object.entries(stores(INSIDE)) as [K, PersonalStore][];
  return Object.fromEntries(
    inner.map(([name, store]) => [name, oneStepACall(world, actor, name, store)]),
  ) as Record<K, PersonalStore>;
}

export const tableStores = (world: ErasureWorld, actor: string) =>
  stepped(world, actor, (name) => simulatedTables(world, name));
export const cacheStore = (world: ErasureWorld, actor: string) =>
  stepped(world, actor, (name) => simulatedCache(world, name));
export const searchStore = (world: ErasureWorld, actor: string) =>
  stepped(world, actor, (name) => simulatedSearch(world, name));

/** The eight stores of tables. */
export function simulatedTables(
  world: ErasureWorld,
  actor: string,
  tables = world.tables,
): Record<StoresOf<"tables">, PersonalStore> {
  const { isBrief } = world;
  const isOf = (userId: string, held: string): boolean =>
    world.bug === "prefix match of keys" ? held.startsWith(userId) : held === userId;
  const table = (name: FakeTableName, writes: string): Area => ({
    footprint: { writes: [writes] },
    find: ({ user_id }) =>
      world.peopleHeld().flatMap((held) => (isOf(user_id, held) ? tables.heldOf(name, held) : [])),
    remove(item, { generation }) {
      const isGone = tables.removeUpTo(name, item.name, generation);
      if (isGone && name === "rows") {
        const [user_id, sort_key] = JSON.parse(item.name) as [string, string];
        world.rowChanged(user_id, sort_key);
      }
      return isGone;
    },
  });
  const stored = (store: string, area: Area) => pagedStore(world, actor, store, area);
  return {
    "conversation-contexts": stored("rows", table("rows", "rows")),
    "message-ids": stored("ids", { ...table("records", "rows"), isBrief }),
    "user-profiles": stored("profile", { ...table("profiles", "rows"), isBrief }),
    conversations: stored("conversations", { ...table("conversations", "rows"), isBrief }),
    "conversation-sessions": nothing,
    identities: nothing,
    quarantine: stored("quarantine", { ...quarantineArea(world), isBrief }),
  };
}

const quarantineArea = (world: ErasureWorld): Area => ({
  ...NOTHING,
  footprint: { writes: ["quarantine"] },
  find: ({ user_id }) =>
    world.quarantine.entries
      .filter((entry) => entry.user_id === user_id)
      .map(({ source_id, generation = 1 }) => ({ name: source_id, generation })),
  remove(item) {
    const entry = world.quarantine.entries.find(({ source_id }) => source_id === item.name);
    if (entry === undefined) return false;
    void world.quarantine.remove(entry);
    return true;
  },
});

/** The cache: keys are computed under every hash key, and what is there is of one generation. */
const simulatedCache = (world: ErasureWorld, actor: string): Record<"cache", PersonalStore> => ({
  cache: pagedStore(world, actor, "cache", {
    footprint: { writes: ["cache"] },
    find: ({ tags }) =>
      tags.flatMap((tag) => {
        const context = world.contexts.get(tag);
        return context ? [{ name: tag, generation: context.generation }] : [];
      }),
    remove: ({ name }, { generation }) =>
      (world.contexts.get(name)?.generation ?? Number.POSITIVE_INFINITY) <= generation &&
      world.contexts.delete(name),
  }),
});

/** The index: refresh, remove what is found, refresh, count. */
function simulatedSearch(world: ErasureWorld, actor: string): Record<"search", PersonalStore> {
  const { search, bug } = world;
  const isOf =
    ({ user_id, generation }: ErasureTarget) =>
    (row: { readonly user_id: string; readonly generation: number }) =>
      (bug === "prefix match of keys" ? row.user_id.startsWith(user_id) : row.user_id === user_id) &&
      row.generation <= generation;
  const refresh = async (name: string): Promise<void> => {
    if (bug === "delete before refresh") return;
    await world.step(actor, `refresh to ${name}`, { reads: ["search"], writes: ["found"] });
    await search.refresh();
  };
  const look = async (name: string, targets: readonly ErasureTarget[]): Promise<StoreCounts[]> => {
    if (world.isBrief && name === "count") return targets.map(() => NOTHING_HELD);
    await refresh(name);
    await world.step(actor, `${name} documents`, { reads: ["found"] });
    return Promise.all(targets.map(async (target) => counted(await search.countFound(isOf(target)))));
  };
  return {
    search: {
      count: (targets) => look("count", targets),
      verify: (targets) => look("verify", targets),
      async erase(targets, pace) {
        await refresh("erase");
        const unheld = new Set(await pace.unheld(targets));
        const step = "remove documents";
        const footprint = { reads: ["found"], writes: ["search"] };
        await world.step(actor, step, footprint);
        const removed = await faulty(world, actor, step, footprint, () =>
          Promise.all(
            targets.map(async (target) =>
              counted(unheld.has(target) ? await search.removeFound(isOf(target)) : 0),
            ),
          ),
        );
        return { done: true, removed };
      },
      async *export() {},
    },
  };
}
