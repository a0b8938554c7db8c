import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { type FinishedErasure, finishErasureSchema } from "../../core/contracts/user-erasure.ts";
import { StoresFailedError } from "../../core/domain/erasure-errors.ts";
import type { Count } from "../../core/ports/counters.ts";
import { type FinishErasureDeps, finishErasure } from "../../core/use-cases/erasure/finish-erasure.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface FinishErasureHandlerDeps extends FinishErasureDeps {
  readonly log: Log;
  readonly counters: { readonly count: Count; readonly publish: () => void };
}

/** Function `finish-erasure`, state `FinishErasure`: receipts where every store is verified, else which is not. */
export const createFinishErasureHandler =
  ({ log, counters, ...deps }: FinishErasureHandlerDeps) =>
  async (input: unknown): Promise<FinishedErasure> => {
    const wanted = parse(finishErasureSchema, input);
    const { request_id } = wanted;
    try {
      return await keepPrivate(log, "erasure not finished", { request_id }, async () => {
        const finished = await finishErasure(wanted, deps);
        log.info("erasure finished", { ...finished });
        counters.count("CompletedErasures", finished.status === "completed" && !wanted.recheck ? 1 : 0);
        return finished;
      });
    } catch (error) {
      counters.count("FailedErasures", error instanceof StoresFailedError ? 1 : 0);
      throw error;
    } finally {
      counters.publish();
    }
  };
