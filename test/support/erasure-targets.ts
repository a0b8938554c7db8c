import type { ErasureTarget } from "../../functions/core/domain/erasure.ts";
import type { ErasePace } from "../../functions/core/ports/personal-store.ts";
import { NOW, tagOf } from "./builders.ts";

/** An id to erase, of generation 1 unless `over` says otherwise. */
export function aTarget(user_id: string, over: Partial<ErasureTarget> = {}): ErasureTarget {
  const tag = tagOf(user_id);
  return { user_id, tag, tags: [tag], generation: 1, fenced_at: NOW, ...over };
}

/** All the time there is, and no holds, unless `over` says otherwise. */
export const aPace = (over: Partial<ErasePace> = {}): ErasePace => ({
  hasTime: () => true,
  unheld: async (targets) => targets,
  ...over,
});
