import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { requestErasureSchema } from "../../core/contracts/user-erasure.ts";
import { type RequestErasureDeps, requestErasure } from "../../core/use-cases/erasure/request-erasure.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface RequestErasureHandlerDeps extends RequestErasureDeps {
  readonly log: Log;
}

/**
 * Function `request-erasure`: opens a request that `erasure-plan` counts. Called by who plans, who may write neither requests
 * nor ids: what was approved is out of their reach.
 */
export const createRequestErasureHandler =
  ({ log, ...deps }: RequestErasureHandlerDeps) =>
  async (input: unknown): Promise<{ readonly request_id: string }> => {
    const { user_ids: userIds, include, exclude, actor } = parse(requestErasureSchema, input);
    return keepPrivate(log, "erasure not requested", { ids: userIds.length }, async () => {
      const request_id = await requestErasure({ userIds, include, exclude, actor }, deps);
      log.info("erasure requested", { request_id, ids: userIds.length });
      return { request_id };
    });
  };
