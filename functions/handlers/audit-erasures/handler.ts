import type { SetGauge } from "../../core/ports/counters.ts";
import { auditOpenRequests, type RequestAudit } from "../../core/use-cases/lake-audit.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export type AuditErasuresHandlerDeps = Parameters<typeof auditOpenRequests>[0] & {
  readonly log: Log;
  /** How many fences there are. */
  fenceSequence(): Promise<number>;
  readonly counters: { readonly setGauge: SetGauge; readonly publish: () => void };
};

/** Function `audit-erasures`: looks through the lake for the people of every open request, whatever the index says. */
export const createAuditErasuresHandler =
  ({ log, counters, fenceSequence, ...deps }: AuditErasuresHandlerDeps) =>
  async (): Promise<readonly RequestAudit[]> =>
    keepPrivate(log, "erasures not audited", {}, async () => {
      const audits = await auditOpenRequests(deps);
      for (const audit of audits) log.info("erasure audited", { ...audit });
      counters.setGauge(
        "ErasedRowsInLake",
        audits.reduce((sum, { residue }) => sum + residue, 0),
      );
      counters.setGauge("Fences", await fenceSequence());
      counters.publish();
      return audits;
    });
