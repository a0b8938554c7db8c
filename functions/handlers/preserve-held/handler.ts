import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { preserveHeldSchema } from "../../core/contracts/preserve-held.ts";
import type { SetGauge } from "../../core/ports/counters.ts";
import {
  type PreservedHolds,
  type PreserveHeldDeps,
  preserveHeld,
  refreshHeld,
} from "../../core/use-cases/preserve-held.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface PreserveHeldHandlerDeps extends PreserveHeldDeps {
  readonly log: Log;
  readonly counters: { readonly setGauge: SetGauge; readonly publish: () => void };
}

/** Function `preserve-held`: copies a held person's data; each day, all held people's, and forgets who is held no more. */
export const createPreserveHeldHandler =
  ({ log, counters, ...deps }: PreserveHeldHandlerDeps) =>
  async (input: unknown): Promise<PreservedHolds | { readonly copied: boolean }> => {
    const { user_id: userId } = parse(preserveHeldSchema, input);
    return keepPrivate(log, "held data not preserved", {}, async () => {
      if (userId !== undefined) return { copied: await preserveHeld(userId, deps) };
      const holds = await refreshHeld(deps);
      log.info("holds looked after", { ...holds });
      counters.setGauge("HoldsWithoutCopy", holds.lacking);
      counters.publish();
      return holds;
    });
  };
