import type { Quarantine, QuarantineEntry } from "../../../functions/core/ports/quarantine.ts";
import type { QuarantineReader } from "../../../functions/core/ports/quarantine-reader.ts";
import type { FakeTables } from "./fake-tables.ts";

type Named = Pick<QuarantineEntry, "first_received_at" | "source_id"> & { readonly user_id?: string };

const isSame = (held: QuarantineEntry, { first_received_at, source_id, user_id }: Named): boolean =>
  held.first_received_at === first_received_at &&
  held.source_id === source_id &&
  (user_id === undefined || held.user_id === user_id);

/** A quarantine in memory that asks the fences of `tables`; `entries` is what it holds. */
export function createFakeQuarantine(
  tables: Pick<FakeTables, "fences" | "liveGeneration">,
): Quarantine & QuarantineReader & { readonly entries: readonly QuarantineEntry[] } {
  const entries: QuarantineEntry[] = [];
  const newest = (isWanted: (entry: QuarantineEntry) => boolean) =>
    entries
      .filter(isWanted)
      .map(({ first_received_at, source_id, user_id, code, field }) => ({
        first_received_at,
        source_id,
        user_id,
        code,
        field,
      }))
      .sort((a, b) =>
        `${a.first_received_at}#${a.source_id}` < `${b.first_received_at}#${b.source_id}` ? 1 : -1,
      );
  return {
    entries,

    async put(entry) {
      const { tag, generation } = entry;
      if (tag !== undefined && generation !== undefined && tables.liveGeneration({ tag }) !== generation) {
        return "stale-generation";
      }
      if (!entries.some((held) => isSame(held, entry))) entries.push(structuredClone(entry));
      return "kept";
    },

    async *ofDay(day) {
      yield* newest((entry) => entry.first_received_at.startsWith(day));
    },

    async *ofUser(userId) {
      yield* newest((entry) => entry.user_id === userId);
    },

    async get(place) {
      return structuredClone(entries.find((held) => isSame(held, place)));
    },

    async remove(entry) {
      const position = entries.findIndex((held) => isSame(held, entry));
      if (position >= 0) entries.splice(position, 1);
    },
  };
}
