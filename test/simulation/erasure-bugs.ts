import type { ExportDeps } from "../../functions/core/use-cases/export-day-object.ts";
import { over } from "./planted-bugs.ts";

/** Wrong on purpose: each is a bug that the simulation must find. They sit between use-cases and stores. */
export type ErasureBug =
  | "no fence in the cache fill"
  | "no If-Match"
  | "delete before refresh"
  | "first page only"
  | "prefix match of keys"
  | "tombstone inside OpenSearch as the only fence"
  | "exporter paused before commit and resumed after the receipt"
  | "every version but mine is deleted"
  | "index written after commit"
  | "analytics upsert"
  | "merge that re-adds a row the platform deleted"
  | "aliases fenced after the drain"
  | "restore without the fence"
  | "documents of all generations count alike"
  | "no drain";

/** What an export is wired to, with a bug between it and the stores. */
export function exportBug(deps: ExportDeps, bug: ErasureBug | undefined): ExportDeps {
  const { days, people, source } = deps;
  switch (bug) {
    case "exporter paused before commit and resumed after the receipt":
      // It looks how many fences there are when it commits, not when it filters, and nobody waits for it.
      return {
        ...deps,
        days: over(days, {
          recordUpload: async (entry) =>
            days.recordUpload({ ...entry, fenceSequence: await days.fenceSequence() }),
        }),
      };
    case "index written after commit": {
      const later: (() => Promise<number>)[] = [];
      return {
        ...deps,
        people: over(people, {
          add: async (key, entries) => {
            later.push(() => people.add(key, entries));
            return entries.length;
          },
        }),
        days: over(days, {
          record: async (entry) => {
            const isRecorded = await days.record(entry);
            for (const add of later.splice(0)) await add();
            return isRecorded;
          },
        }),
      };
    }
    case "merge that re-adds a row the platform deleted":
      return {
        ...deps,
        source: {
          streams: (day, shards) =>
            source.streams(day, shards).map(async function* (stream) {
              for await (const page of stream) yield page.filter((row) => row["deleted"] !== true);
            }),
        },
      };
    default:
      return deps;
  }
}
