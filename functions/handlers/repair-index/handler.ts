import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { indexRepairSchema } from "../../core/contracts/repair.ts";
import { type RepairIndexDeps, repairIndex } from "../../core/use-cases/repair-index.ts";
import { backOffRepairs, type RepairBackOffDeps } from "../../runtime/repair-back-off.ts";
import { readRepairs } from "../../runtime/repair-batch.ts";

export type RepairIndexHandlerDeps = RepairIndexDeps & RepairBackOffDeps;

/** Consumer of the queue `repair-index`: what failed comes again, or the whole batch where the index is away. */
export const createRepairIndexHandler =
  (deps: RepairIndexHandlerDeps) =>
  async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const { log } = deps;
    const { repairs, recordIds, unreadable } = readRepairs(event, indexRepairSchema, log);
    try {
      const results = await repairIndex(repairs, deps);
      const failed = results.flatMap((result, position) => {
        if (result.status !== "failed") return [];
        const itemIdentifier = recordIds[position] ?? "";
        log.error("row not indexed", undefined, { record_id: itemIdentifier, reason: result.reason });
        return [{ itemIdentifier }];
      });
      const batchItemFailures = [...unreadable, ...failed];
      await backOffRepairs(
        event,
        new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)),
        deps,
      );
      return { batchItemFailures };
    } catch (error) {
      await backOffRepairs(event, new Set(event.Records.map(({ messageId }) => messageId)), deps);
      log.error("index not repaired", error, { repairs: repairs.length });
      throw error;
    }
  };
