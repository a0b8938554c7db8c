import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { mapBounded } from "../../core/domain/batches.ts";
import { addCounts, type ErasureTarget, NOTHING_HELD, type StoreCounts } from "../../core/domain/erasure.ts";
import { failedAfter } from "../../core/domain/erasure-errors.ts";
import { utf8Bytes } from "../../core/domain/json.ts";
import type { PersonalStore } from "../../core/ports/personal-store.ts";
import type { Item } from "./call.ts";
import { deleteItems } from "./delete-items.ts";
import { exportedValue } from "./exported-value.ts";
import type { PersonTable } from "./person-table.ts";

/** People whose items are read or removed at the same time. */
const CONCURRENCY = 4;

export interface TableStoreDeps {
  readonly client: DynamoDBDocumentClient;
  /** Opens the table for one call. */
  readonly open: () => Promise<PersonTable>;
  /** Jitter, 0 to 1. */
  readonly random: () => number;
}

/** A table as a store of personal data. Bytes are those of the items as JSON. */
export function createTableStore({ client, open, random }: TableStoreDeps): PersonalStore {
  async function count(targets: readonly ErasureTarget[]): Promise<StoreCounts[]> {
    const { find, dated } = await open();
    return mapBounded(targets, CONCURRENCY, async (target) => {
      let counts = NOTHING_HELD;
      for await (const items of find(target.user_id, dated.limitOf(target))) {
        counts = addCounts(counts, countsOf(items));
      }
      return counts;
    });
  }

  return {
    count,
    // Base items, strongly read under the keys of the table: no index has a say.
    verify: count,

    async erase(targets, pace) {
      const { table, key, dated, find, note } = await open();
      let done = true;
      // However long the search took, a call brings the erasure on by a step.
      let steps = 0;
      const removed: StoreCounts[] = targets.map(() => NOTHING_HELD);
      await mapBounded([...targets.entries()], CONCURRENCY, async ([nth, target]) => {
        const rule = { table, key, attribute: dated.attribute, limit: dated.limitOf(target) };
        for await (const items of find(target.user_id, rule.limit)) {
          if (steps++ > 0 && !pace.hasTime()) {
            done = false;
            break;
          }
          if ((await pace.unheld([target])).length === 0) break;
          await note?.(items);
          const gone = countsOf(await deleteItems(client, rule, items, random));
          removed[nth] = addCounts(removed[nth] ?? NOTHING_HELD, gone);
        }
      }).catch((error: unknown) => {
        throw failedAfter(error, removed);
      });
      return { done, removed };
    },

    async *export({ user_id }) {
      const { key, find } = await open();
      for await (const items of find(user_id)) {
        for (const item of items) {
          yield { kind: "json", name: nameOf(item, key, user_id), value: exportedValue(item) };
        }
      }
    },
  };
}

const countsOf = (items: readonly Item[]): StoreCounts => ({
  ...NOTHING_HELD,
  items: items.length,
  bytes: items.reduce((bytes, item) => bytes + utf8Bytes(JSON.stringify(item)), 0),
});

/** The key without the person's own id where that is all the same: unique among their items. */
const nameOf = (item: Item, key: readonly string[], userId: string): string =>
  key
    .filter((name) => item[name] !== userId || name === "linked")
    .map((name) => String(item[name]))
    .join(" ") || "item";
