import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { erasureInputSchema, type ResolvedPeople } from "../../core/contracts/user-erasure.ts";
import { type PlanErasureDeps, planErasure } from "../../core/use-cases/erasure/plan-erasure.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface PlanErasureHandlerDeps extends PlanErasureDeps {
  readonly log: Log;
}

/** Function `plan-erasure`, state `ResolvePeople`: finds the ids of a request's people. */
export const createPlanErasureHandler =
  ({ log, ...deps }: PlanErasureHandlerDeps) =>
  async (input: unknown): Promise<ResolvedPeople> => {
    const wanted = parse(erasureInputSchema, input);
    const { request_id } = wanted;
    return keepPrivate(log, "people not resolved", { request_id }, async () => {
      const resolved = await planErasure(wanted, deps);
      log.info("people resolved", { ...resolved });
      return resolved;
    });
  };
