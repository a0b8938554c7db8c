import { isDeepStrictEqual } from "node:util";
import { TransientError } from "../../functions/core/domain/errors.ts";
import { type RoutedMessage, sortKeyOf } from "../../functions/core/domain/message.ts";
import type { AnalyticsOutcome, RowOutcome } from "../../functions/core/domain/outcome.ts";
import { planUserBatch } from "../../functions/core/domain/user-batch.ts";
import type { MessageAnalyzer } from "../../functions/core/ports/message-analyzer.ts";
import type { AnalysisUpdate, MessageStore } from "../../functions/core/ports/message-store.ts";
import { type ErasureWorld, INSIDE } from "./erasure-world.ts";
import type { Footprint } from "./scheduler.ts";

type Footprints = Readonly<Record<string, Footprint>>;

const LEDGER: Footprints = { fences: { reads: ["ledger"] } };
const CACHE: Footprints = {
  read: { reads: ["cache"] },
  write: { writes: ["cache"] },
  apply: { writes: ["cache"] },
  invalidate: { writes: ["cache"] },
  beginFill: { writes: ["cache"] },
  commitFill: { writes: ["cache"] },
};
const READER: Footprints = { byKeys: { reads: ["rows"] }, recent: { reads: ["rows"] } };
const INDEX: Footprints = { index: { writes: ["search"] } };
const DAY_INDEX: Footprints = {
  refresh: { reads: ["search"], writes: ["found"] },
  remove: { writes: ["search"] },
};
const QUARANTINE: Footprints = {
  put: { reads: ["ledger"], writes: ["quarantine"] },
  remove: { writes: ["quarantine"] },
  get: { reads: ["quarantine"] },
};
const STORE: Footprints = {
  store: { reads: ["ledger"], writes: ["rows"] },
  applyAnalyses: { reads: ["ledger"], writes: ["rows"] },
};
const REPAIRS: Footprints = { refreshCache: { writes: ["repairs"] }, reindex: { writes: ["repairs"] } };

/** A port whose calls are steps of an actor, one each, and may fail as `world.fault` says. */
export function steppedPort<T extends object>(
  world: ErasureWorld,
  actor: string,
  name: string,
  port: T,
  footprints: Footprints,
): T {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      const call = async (args: unknown[]): Promise<unknown> => Reflect.apply(value, target, args);
      const footprint = footprints[String(property)];
      if (footprint === undefined) return (...args: unknown[]) => Reflect.apply(value, target, args);
      return async (...args: unknown[]) => {
        const step = `${name}.${String(property)}`;
        await world.step(actor, step, footprint);
        world.busy += 1;
        return faulty(world, actor, step, footprint, () => call(args)).finally(() => {
          world.busy -= 1;
        });
      };
    },
  });
}

/** Carries out a call as the world's weather has it. */
export async function faulty<T>(
  world: ErasureWorld,
  actor: string,
  step: string,
  footprint: Footprint,
  call: () => Promise<T>,
): Promise<T> {
  const fault = world.fault(actor, step);
  if (fault === "none") return call();
  if (fault === "lost") await call();
  // What is under way lands later, though hardly ever after its sender's time limit.
  if (fault === "late") world.network(`late ${step}`, footprint, async () => void (await call()));
  throw new TransientError(`injected: ${fault}`);
}

/** What an actor of the pipeline is wired to. */
export function portsOf(world: ErasureWorld, actor: string) {
  const { engines } = world;
  const port = <T extends object>(name: string, target: T, footprints: Footprints): T =>
    steppedPort(world, actor, name, target, footprints);
  return {
    ledger: port("ledger", engines?.ledger ?? world.ledger, LEDGER),
    cache: port("cache", engines?.cache ?? world.cache, CACHE),
    reader: port("reader", engines?.reader ?? world.reader, READER),
    index: port("index", engines?.index ?? world.search, INDEX),
    dayIndex: port("dayIndex", world.search.byDay, DAY_INDEX),
    quarantine: port("quarantine", engines?.quarantine ?? world.quarantine, QUARANTINE),
    repairs: port("repairs", world.repairs, REPAIRS),
    objectIndex: world.objectIndex,
    objectStore: world.objectStore,
    store: world.isCoarse
      ? port("store", engines?.store ?? messageStore(world, INSIDE), STORE)
      : messageStore(world, actor),
    analyzer,
    keys: world.keys,
    clock: world.clock,
  };
}

const analyzer: MessageAnalyzer = {
  analyze: async (requests) => requests.map(() => ({ metadata: { language: "es", intent: "otro" } })),
};

const TRIES = 4;

/**
 * The message store as its adapter does it: a reading, the marks of past days, and a transaction that checks the ledger
 * and what was read; analyses go by a statement each onto the revision and generation that was analysed.
 */
function messageStore(world: ErasureWorld, actor: string): MessageStore {
  const { tables } = world;
  const transact = { reads: ["ledger"], writes: ["rows"] };

  async function storePerson(events: readonly RoutedMessage[]): Promise<readonly Omit<RowOutcome, "item">[]> {
    const [first] = events;
    if (first === undefined) return [];
    const generation = Math.max(...events.map((event) => event.generation));
    const stale = events.map(() => ({ status: "stale-generation" as const }));
    let reason = "conflict";
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await world.step(actor, "store.read", { reads: ["rows"] });
      const plan = planUserBatch(tables.stateOf(first.user_id), events);
      if (plan.rows.length + plan.records.length === 0) {
        await world.step(actor, "store.isLive", { reads: ["ledger"] });
        return tables.liveGeneration(first) === generation ? plan.outcomes : stale;
      }
      const rows = plan.rows.map(({ next }) => next);
      if (world.hasLake) await world.mark(actor, rows);
      await world.step(actor, "store.transact", transact);
      try {
        const outcome = await faulty(world, actor, "store.transact", transact, async () => {
          const fits = isDeepStrictEqual(planUserBatch(tables.stateOf(first.user_id), events), plan);
          if (tables.liveGeneration(first) !== generation) return "stale";
          if (!fits) return "conflict";
          tables.apply(plan);
          for (const row of rows) world.rowChanged(row.user_id, sortKeyOf(row));
          return "committed";
        });
        if (outcome === "committed") return plan.outcomes;
        if (outcome === "stale") return stale;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    return events.map(() => ({ status: "failed" as const, reason }));
  }

  async function writeAnalysis({ item, row, filled }: AnalysisUpdate): Promise<AnalyticsOutcome> {
    if (world.hasLake) await world.mark(actor, [row]);
    await world.step(actor, "store.analysis", { writes: ["rows"] });
    return faulty(world, actor, "store.analysis", { writes: ["rows"] }, async () => {
      const sort_key = sortKeyOf(row);
      const held = tables.liveRow(row.user_id, sort_key);
      const isSame =
        held && !held.deleted && held.revision === row.revision && held.generation === row.generation;
      if (!isSame && world.bug !== "analytics upsert") return { item, status: "lost" };
      const revision = row.revision + 1;
      const next = { ...row, metadata: { ...filled, ...row.metadata }, revision };
      tables.apply({
        outcomes: [],
        rows: [{ next, ...(held && { previous: held }) }],
        records: [],
        conversations: [],
      });
      world.rowChanged(row.user_id, sort_key);
      return { item, status: "analysed", sort_key, revision };
    });
  }

  return {
    async store(messages) {
      const groups = Map.groupBy(messages.entries(), ([, message]) => message.user_id);
      const outcomes: RowOutcome[] = [];
      for (const entries of groups.values()) {
        const results = await storePerson(entries.map(([, message]) => message));
        for (const [position, [item]] of entries.entries()) {
          outcomes.push({ item, ...(results[position] ?? { status: "failed", reason: "left out" }) });
        }
      }
      return outcomes.sort((a, b) => a.item - b.item);
    },

    async applyAnalyses(updates) {
      if (updates.length === 0) return [];
      await world.step(actor, "store.fences", { reads: ["ledger"] });
      const live = new Set(
        updates.filter(({ tag, row }) => tables.liveGeneration({ tag }) === row.generation),
      );
      const outcomes: AnalyticsOutcome[] = [];
      for (const update of updates) {
        if (!live.has(update)) outcomes.push({ item: update.item, status: "lost" });
        else
          outcomes.push(
            await writeAnalysis(update).catch(() => ({
              item: update.item,
              status: "failed" as const,
              reason: "",
            })),
          );
      }
      return outcomes;
    },
  };
}
