import { NOTHING_HELD } from "../../functions/core/domain/erasure.ts";
import type { PersonalStore } from "../../functions/core/ports/personal-store.ts";

/** A store that nothing of the simulation writes to; it makes no steps. */
export const nothing: PersonalStore = {
  count: async (targets) => targets.map(() => NOTHING_HELD),
  verify: async (targets) => targets.map(() => NOTHING_HELD),
  erase: async (targets) => ({ done: true, removed: targets.map(() => NOTHING_HELD) }),
  async *export() {},
};
