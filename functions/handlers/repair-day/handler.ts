import type { Context } from "aws-lambda";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { repairDaySchema, type ShardReport } from "../../core/contracts/repair-day.ts";
import { dayBefore } from "../../core/domain/day.ts";
import type { Count } from "../../core/ports/counters.ts";
import { type RepairShardDeps, repairShard } from "../../core/use-cases/repair-shard.ts";
import type { Log } from "../../runtime/logger.ts";

/** Time that settling the last differences may take, ms. */
const RESERVE_MS = 30_000;

export interface RepairDayHandlerDeps
  extends Omit<RepairShardDeps, "hasTime" | "reportCacheFailure" | "reportUnmended"> {
  readonly log: Log;
  readonly counters: { readonly count: Count; readonly publish: () => void };
}

/** Function `repair-day`: compares and mends one shard of a day, `{day, shard}` or `{daysAgo, shard}`. */
export const createRepairDayHandler =
  ({ log, counters, ...deps }: RepairDayHandlerDeps) =>
  async (input: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<ShardReport> => {
    const wanted = parse(repairDaySchema, input);
    const day = "day" in wanted ? wanted.day : dayBefore(deps.clock(), wanted.daysAgo);
    const { shard } = wanted;
    try {
      const report = await repairShard(day, shard, {
        ...deps,
        hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
        reportCacheFailure: (error) => log.error("contexts not compared", error, { day, shard }),
        reportUnmended: (reason) => log.error("difference not mended", undefined, { day, shard, reason }),
      });
      const { cache, isComplete, ...counts } = report;
      log.info("shard compared", { ...counts, is_complete: isComplete, stale_contexts: cache?.stale ?? -1 });
      counters.count("MendedDifferences", report.mended + (cache?.stale ?? 0));
      counters.count("RemainingDifferences", report.remaining);
      counters.count("UncomparedShards", isComplete && cache ? 0 : 1);
      return report;
    } catch (error) {
      log.error("shard not compared", error, { day, shard });
      throw error;
    } finally {
      counters.publish();
    }
  };
