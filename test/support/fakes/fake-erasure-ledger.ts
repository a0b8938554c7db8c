import type { ErasureLedger } from "../../../functions/core/ports/erasure-ledger.ts";
import type { FakeTables } from "./fake-tables.ts";

/** Reads the fences of `tables`. */
export const createFakeErasureLedger = (tables: Pick<FakeTables, "fences">): ErasureLedger => ({
  async fences(tags) {
    return new Map(
      tags.flatMap((tag) => {
        const fence = tables.fences.get(tag);
        return fence ? [[tag, fence] as const] : [];
      }),
    );
  },
});
