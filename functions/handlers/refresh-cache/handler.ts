import type { SQSEvent } from "aws-lambda";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { cacheRepairSchema } from "../../core/contracts/repair.ts";
import { type RefreshCacheDeps, refreshCache } from "../../core/use-cases/refresh-cache.ts";
import type { Log } from "../../runtime/logger.ts";

/** Consumer of the queue `refresh-cache`. Repairs are idempotent, so a batch comes again as a whole. */
export const createRefreshCacheHandler =
  ({ log, ...deps }: RefreshCacheDeps & { readonly log: Log }) =>
  async (event: SQSEvent): Promise<void> => {
    try {
      await refreshCache(
        event.Records.map(({ body }) => parse(cacheRepairSchema, JSON.parse(body))),
        deps,
      );
    } catch (error) {
      log.error("cache not refreshed", error, { repairs: event.Records.length });
      throw error;
    }
  };
