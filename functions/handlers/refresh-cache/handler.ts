import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { cacheRepairSchema } from "../../core/contracts/repair.ts";
import { type RefreshCacheDeps, refreshCache } from "../../core/use-cases/refresh-cache.ts";
import type { Log } from "../../runtime/logger.ts";
import { readRepairs } from "../../runtime/repair-batch.ts";

/** Consumer of the queue `refresh-cache`. Repairs are idempotent, so a batch comes again as a whole. */
export const createRefreshCacheHandler =
  ({ log, ...deps }: RefreshCacheDeps & { readonly log: Log }) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const { repairs, unreadable } = readRepairs(event, cacheRepairSchema, log);
    try {
      await refreshCache(repairs, deps);
      return { batchItemFailures: [...unreadable] };
    } catch (error) {
      log.error("cache not refreshed", error, { repairs: repairs.length });
      throw error;
    }
  };
