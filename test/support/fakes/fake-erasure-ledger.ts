import { assertComplete, FIRST_RANGE } from "../../../functions/core/domain/tag-range.ts";
import type { ErasureLedger } from "../../../functions/core/ports/erasure-ledger.ts";
import type { FakeFenceTables } from "./fake-fences.ts";

/** Reads the fences of `tables`. */
export const createFakeErasureLedger = (tables: Readonly<FakeFenceTables>): ErasureLedger => ({
  async fences(tags) {
    assertComplete(tags, tables.tagRange ?? FIRST_RANGE);
    return new Map(
      tags.flatMap((tag) => {
        const fence = tables.fences.get(tag);
        return fence ? [[tag, fence] as const] : [];
      }),
    );
  },
});
