import { oneDaySchema } from "../../core/contracts/conversation-export.ts";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import type { Count } from "../../core/ports/counters.ts";
import {
  type WriteDailyMetricsDeps,
  type WrittenMetrics,
  writeDailyMetrics,
} from "../../core/use-cases/write-daily-metrics.ts";
import type { Log } from "../../runtime/logger.ts";

export interface WriteDailyMetricsHandlerDeps extends Omit<WriteDailyMetricsDeps, "count"> {
  readonly log: Log;
  readonly counters: { readonly count: Count; readonly publish: () => void };
}

/** Function `write-daily-metrics`: metrics, breakdown and data quality of an exported day. */
export const createWriteDailyMetricsHandler =
  ({ log, counters, ...deps }: WriteDailyMetricsHandlerDeps) =>
  async (input: unknown): Promise<readonly WrittenMetrics[]> => {
    const { day } = parse(oneDaySchema, input);
    try {
      const written = await writeDailyMetrics(day, { ...deps, count: counters.count });
      for (const { date, messages, breaches } of written)
        log.info("metrics written", { day, date, messages, breaches: breaches.join(", ") });
      return written;
    } catch (error) {
      log.error("metrics not written", error, { day });
      throw error;
    } finally {
      counters.publish();
    }
  };
