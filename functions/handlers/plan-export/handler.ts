import { exportRequestSchema, type PlannedExport } from "../../core/contracts/conversation-export.ts";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import type { SetGauge } from "../../core/ports/counters.ts";
import { type PlanDeps, planExport } from "../../core/use-cases/plan-export.ts";
import type { Log } from "../../runtime/logger.ts";

export interface PlanExportHandlerDeps extends PlanDeps {
  readonly log: Log;
  readonly counters: { readonly setGauge: SetGauge; readonly publish: () => void };
}

/** Function `plan-export`: which days an execution exports. */
export const createPlanExportHandler =
  ({ log, counters, ...deps }: PlanExportHandlerDeps) =>
  async (input: unknown): Promise<PlannedExport> => {
    try {
      const { patterns, engine, ...wanted } = parse(exportRequestSchema, input);
      const { days, unexportedDays } = await planExport(wanted, deps);
      log.info("export planned", { days: days.length, unexported_days: unexportedDays, engine, patterns });
      counters.setGauge("UnexportedDays", unexportedDays);
      return {
        days: days.map(({ day, objects }) => ({
          day,
          objects,
          parts: Array.from({ length: objects }, (_, part) => part),
          engine,
        })),
        patterns,
        unexportedDays,
      };
    } catch (error) {
      log.error("export not planned", error);
      throw error;
    } finally {
      counters.publish();
    }
  };
