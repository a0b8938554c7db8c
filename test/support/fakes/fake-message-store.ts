import { newestFirst, sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { RowOutcome } from "../../../functions/core/domain/outcome.ts";
import { planUserBatch } from "../../../functions/core/domain/user-batch.ts";
import type { MessageReader, MessageStore } from "../../../functions/core/ports/message-store.ts";
import type { FakeTables } from "./fake-tables.ts";

/** A message store in memory, with the ledger's check and the marks of past days. */
export const createFakeMessageStore = (tables: FakeTables, clock = tables.clock): MessageStore => ({
  async store(messages) {
    const groups = Map.groupBy(messages.entries(), ([, message]) => message.user_id);
    const outcomes: RowOutcome[] = [];
    for (const [userId, entries] of groups) {
      const events = entries.map(([, message]) => message);
      const plan = planUserBatch(tables.stateOf(userId), events);
      const written = Math.max(...events.map(({ generation }) => generation));
      const isLive = events.every((event) => tables.liveGeneration(event) === written);
      if (isLive) {
        const rows = plan.rows.map(({ next }) => next);
        tables.markLate(rows, clock);
        tables.apply(plan);
      }
      for (const [position, [item]] of entries.entries()) {
        const outcome = isLive ? plan.outcomes[position] : undefined;
        outcomes.push({ item, ...(outcome ?? { status: "stale-generation" }) });
      }
    }
    return outcomes.sort((a, b) => a.item - b.item);
  },

  async applyAnalyses(updates) {
    return updates.map(({ item, tag, row, filled }) => {
      const sort_key = sortKeyOf(row);
      const held = tables.liveRow(row.user_id, sort_key);
      const missing = Object.keys(filled).filter((key) => row.metadata[key] === undefined);
      if (missing.length === 0) return { item, status: "skipped" };
      const isCurrent =
        held !== undefined &&
        !held.deleted &&
        held.revision === row.revision &&
        held.generation === row.generation &&
        tables.liveGeneration({ tag }) === row.generation;
      if (!isCurrent) return { item, status: "lost" };
      tables.markLate([held], clock);
      const revision = row.revision + 1;
      const next = { ...held, metadata: { ...filled, ...held.metadata }, revision };
      tables.apply({
        outcomes: [],
        rows: [{ next, previous: held }],
        records: [],
        conversations: [],
      });
      return { item, status: "analysed", sort_key, revision };
    });
  },
});

/** Reads the rows of `tables`. */
export const createFakeMessageReader = (tables: Pick<FakeTables, "liveRow" | "liveRows">): MessageReader => ({
  async byKeys(keys) {
    const unique = new Map(keys.map((key) => [JSON.stringify([key.user_id, key.sort_key]), key]));
    return [...unique.values()].flatMap(({ user_id, sort_key }) => tables.liveRow(user_id, sort_key) ?? []);
  },

  async recent(userId, generation, limit, deleted = "left-out") {
    const rows = tables.liveRows(userId).filter((row) => row.generation >= generation);
    const gone = deleted === "included" ? rows.filter((row) => row.deleted) : [];
    return newestFirst(
      rows.filter((row) => !row.deleted),
      gone,
      limit,
    );
  },
});
