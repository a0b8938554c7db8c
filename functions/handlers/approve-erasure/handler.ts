import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { approveErasureSchema } from "../../core/contracts/user-erasure.ts";
import { type ApproveErasureDeps, approveErasure } from "../../core/use-cases/erasure/approve-erasure.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface ApproveErasureHandlerDeps extends ApproveErasureDeps {
  readonly log: Log;
}

/** Function `approve-erasure`: lets the execution of a plan begin, as it was shown. Called by who approves. */
export const createApproveErasureHandler =
  ({ log, ...deps }: ApproveErasureHandlerDeps) =>
  async (input: unknown): ReturnType<typeof approveErasure> => {
    const wanted = parse(approveErasureSchema, input);
    const { request_id } = wanted;
    return keepPrivate(log, "erasure not approved", { request_id }, async () => {
      const approved = await approveErasure(wanted, deps);
      log.info("erasure approved", { request_id });
      return approved;
    });
  };
