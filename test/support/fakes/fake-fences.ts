import { type Clock, systemClock } from "../../../functions/core/domain/clock.ts";
import type { Fence } from "../../../functions/core/domain/fence.ts";
import {
  assertComplete,
  FIRST_RANGE,
  storedTags,
  type TagRange,
} from "../../../functions/core/domain/tag-range.ts";
import type { FenceHistory, Fences, SetFence } from "../../../functions/core/ports/fences.ts";
import type { FakeTables } from "./fake-tables.ts";

/** The ledger's fences in memory: those of `FakeTables`, and what else the ledger says. */
export type FakeFenceTables = Pick<FakeTables, "fences"> & {
  /** Under which keys' tags fences are kept. @default FIRST_RANGE */
  tagRange?: TagRange;
};

/** Sets fences in `tables`; each call is one transaction. `raise` is told of each, as the number of fences is. */
export function createFakeFences(
  tables: FakeFenceTables,
  { clock = systemClock, raise }: { readonly clock?: Clock; readonly raise?: () => void } = {},
): Fences & FenceHistory {
  const byRequest = new Map<string, Fence>();
  const lastBy = new Map<string, string>();
  return {
    async last(tags) {
      assertComplete(tags, tables.tagRange ?? FIRST_RANGE);
      return new Map(
        tags.flatMap((tag): [string, SetFence][] => {
          const fence = tables.fences.get(tag);
          return fence ? [[tag, { ...fence, requestId: lastBy.get(tag) ?? "" }]] : [];
        }),
      );
    },

    async fence({ tag, tags = [tag], requestId, at }) {
      const stored = storedTags(tags, tables.tagRange ?? FIRST_RANGE);
      const own = stored.flatMap((one) => byRequest.get(`${requestId} ${one}`) ?? []);
      if (own[0]) return own[0];
      const before = stored.flatMap((one) => tables.fences.get(one) ?? []);
      const fence: Fence = {
        generation: Math.max(0, ...before.map(({ generation }) => generation)) + 1,
        fenced_at:
          [at, clock().toISOString(), ...before.map(({ fenced_at }) => fenced_at)].sort().at(-1) ?? at,
      };
      for (const one of stored) {
        tables.fences.set(one, fence);
        byRequest.set(`${requestId} ${one}`, fence);
        lastBy.set(one, requestId);
      }
      raise?.();
      return fence;
    },
  };
}
