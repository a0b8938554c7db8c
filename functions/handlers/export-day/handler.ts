import type { Context } from "aws-lambda";
import { exportDaySchema } from "../../core/contracts/conversation-export.ts";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import type { LakeRowSource } from "../../core/ports/lake-row-source.ts";
import {
  type ExportDeps,
  type ExportReport,
  exportDayObject,
} from "../../core/use-cases/export-day-object.ts";
import type { Log } from "../../runtime/logger.ts";
import { withinTime } from "./timed-source.ts";

/** Time that committing what was read may take, ms. */
const RESERVE_MS = 60_000;

export interface ExportDayHandlerDeps extends Omit<ExportDeps, "source"> {
  /** Where rows come from: the table's index, or what Spark staged. */
  readonly sources: Readonly<Record<"index" | "staged", LakeRowSource>>;
  readonly log: Log;
}

/** Function `export-day`: brings one object of a day up to what the rows say. */
export const createExportDayHandler =
  ({ log, sources, ...deps }: ExportDayHandlerDeps) =>
  async (input: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<ExportReport> => {
    const { source, ...wanted } = parse(exportDaySchema, input);
    const hasTime = () => context.getRemainingTimeInMillis() > RESERVE_MS;
    try {
      const report = await exportDayObject(wanted, { ...deps, source: withinTime(sources[source], hasTime) });
      const { sideFile, ...counts } = report;
      log.info("object exported", { ...counts, source, training_records: sideFile?.records ?? -1 });
      return report;
    } catch (error) {
      log.error("object not exported", error, { day: wanted.day, object: wanted.object, source });
      throw error;
    }
  };
