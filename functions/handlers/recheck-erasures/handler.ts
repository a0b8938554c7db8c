import type { RecheckedErasures } from "../../core/contracts/user-erasure.ts";
import type { Count, SetGauge } from "../../core/ports/counters.ts";
import { type RecheckErasuresDeps, recheckErasures } from "../../core/use-cases/erasure/recheck-erasures.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface RecheckErasuresHandlerDeps extends Omit<RecheckErasuresDeps, "report"> {
  readonly log: Log;
  readonly counters: { readonly count: Count; readonly setGauge: SetGauge; readonly publish: () => void };
}

/** Function `recheck-erasures`: the daily look at every open request; see ADR 0107. */
export const createRecheckErasuresHandler =
  ({ log, counters, ...deps }: RecheckErasuresHandlerDeps) =>
  (): Promise<RecheckedErasures> =>
    keepPrivate(log, "erasures not rechecked", {}, async () => {
      try {
        const report = (request_id: string, error: unknown): void =>
          log.error("erasure not rechecked", error, { request_id });
        const checked = await recheckErasures({ ...deps, report });
        log.info("erasures rechecked", { ...checked });
        counters.setGauge("OldestOpenErasureDays", checked.oldestOpenDays);
        counters.setGauge("OldestWaitingErasureDays", checked.oldestWaitingDays);
        counters.count("UncheckedErasures", checked.failed);
        return checked;
      } finally {
        counters.publish();
      }
    });
