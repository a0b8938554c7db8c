import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { indexRepairSchema } from "../../core/contracts/repair.ts";
import { type RepairIndexDeps, repairIndex } from "../../core/use-cases/repair-index.ts";
import type { Log } from "../../runtime/logger.ts";
import { readRepairs } from "../../runtime/repair-batch.ts";

/** Consumer of the queue `repair-index`: what failed comes again, or the whole batch where the index is away. */
export const createRepairIndexHandler =
  ({ log, ...deps }: RepairIndexDeps & { readonly log: Log }) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const { repairs, recordIds, unreadable } = readRepairs(event, indexRepairSchema, log);
    try {
      const results = await repairIndex(repairs, deps);
      const failed = results.flatMap((result, position) => {
        if (result.status !== "failed") return [];
        const itemIdentifier = recordIds[position] ?? "";
        log.error("row not indexed", undefined, { record_id: itemIdentifier, reason: result.reason });
        return [{ itemIdentifier }];
      });
      return { batchItemFailures: [...unreadable, ...failed] };
    } catch (error) {
      log.error("index not repaired", error, { repairs: repairs.length });
      throw error;
    }
  };
