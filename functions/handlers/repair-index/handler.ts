import type { SQSEvent } from "aws-lambda";
import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { indexRepairSchema } from "../../core/contracts/repair.ts";
import { type RepairIndexDeps, repairIndex } from "../../core/use-cases/repair-index.ts";
import type { Log } from "../../runtime/logger.ts";

/** Consumer of the queue `repair-index`. Repairs are idempotent, so a batch comes again as a whole. */
export const createRepairIndexHandler =
  ({ log, ...deps }: RepairIndexDeps & { readonly log: Log }) =>
  async (event: SQSEvent): Promise<void> => {
    try {
      await repairIndex(
        event.Records.map(({ body }) => parse(indexRepairSchema, JSON.parse(body))),
        deps,
      );
    } catch (error) {
      log.error("index not repaired", error, { repairs: event.Records.length });
      throw error;
    }
  };
