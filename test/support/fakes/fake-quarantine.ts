import type { Quarantine, QuarantineEntry } from "../../../functions/core/ports/quarantine.ts";
import type { FakeTables } from "./fake-tables.ts";

/** A quarantine in memory that asks the fences of `tables`; `entries` is what it holds. */
export function createFakeQuarantine(
  tables: Pick<FakeTables, "fences" | "liveGeneration">,
): Quarantine & { readonly entries: readonly QuarantineEntry[] } {
  const entries: QuarantineEntry[] = [];
  return {
    entries,
    async put(entry) {
      const { tag, generation } = entry;
      if (tag !== undefined && generation !== undefined && tables.liveGeneration({ tag }) !== generation) {
        return "stale-generation";
      }
      const isHeld = entries.some(
        (held) =>
          held.user_id === entry.user_id &&
          held.first_received_at === entry.first_received_at &&
          held.source_id === entry.source_id,
      );
      if (!isHeld) entries.push(structuredClone(entry));
      return "kept";
    },
  };
}
