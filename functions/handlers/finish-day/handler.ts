import { oneDaySchema } from "../../core/contracts/conversation-export.ts";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { type DayReport, type FinishDeps, finishDay } from "../../core/use-cases/finish-day.ts";
import type { Log } from "../../runtime/logger.ts";

export interface FinishDayHandlerDeps extends FinishDeps {
  readonly log: Log;
}

/** Function `finish-day`: reads a day's objects back and marks it clean, or says why it is not. */
export const createFinishDayHandler =
  ({ log, ...deps }: FinishDayHandlerDeps) =>
  async (input: unknown): Promise<DayReport> => {
    const { day } = parse(oneDaySchema, input);
    try {
      const report = await finishDay(day, deps);
      const { reasons, ...counts } = report;
      log.info("day finished", { ...counts, reasons: reasons.join("; ") });
      return report;
    } catch (error) {
      log.error("day not finished", error, { day });
      throw error;
    }
  };
