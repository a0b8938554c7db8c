import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { erasureInputSchema } from "../../core/contracts/user-erasure.ts";
import { type FinishPlanDeps, finishPlan } from "../../core/use-cases/erasure/finish-plan.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface FinishPlanHandlerDeps extends FinishPlanDeps {
  readonly log: Log;
}

/** What the machine hears of a plan; the rest is in the request. */
interface FinishedPlan {
  readonly request_id: string;
  readonly people: number;
  readonly undecided: number;
  readonly held: number;
}

/** Function `finish-plan`, state `FinishPlan`: adds up what was counted and binds it by a hash. */
export const createFinishPlanHandler =
  ({ log, ...deps }: FinishPlanHandlerDeps) =>
  async (input: unknown): Promise<FinishedPlan> => {
    const wanted = parse(erasureInputSchema, input);
    const { request_id } = wanted;
    return keepPrivate(log, "plan not finished", { request_id }, async () => {
      const { people, plan } = await finishPlan(wanted, deps);
      const finished = { request_id, people, undecided: plan?.undecided ?? 0, held: plan?.held ?? 0 };
      log.info("erasure planned", finished);
      return finished;
    });
  };
