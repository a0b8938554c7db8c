import { createDayRowTable } from "../../adapters/dynamodb/day-rows.ts";
import { createLakeDays } from "../../adapters/dynamodb/lake-days.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import type { planExportEnv } from "./env.ts";
import type { PlanExportHandlerDeps } from "./handler.ts";

/** Wires `plan-export` to the days of the lake and of the table. */
export async function createPlanExportDeps(
  env: ReturnType<typeof planExportEnv>,
): Promise<PlanExportHandlerDeps> {
  const client = createDynamoClient();
  return {
    days: createLakeDays({
      client,
      tables: { days: env.LAKE_DAYS_TABLE, ledger: env.ERASURE_LEDGER_TABLE },
      clock: systemClock,
    }),
    rows: createDayRowTable({ client, table: env.CONVERSATION_CONTEXTS_TABLE }),
    objects: env.LAKE_OBJECTS,
    clock: systemClock,
    log: createLog(),
    counters: createCounters(),
  };
}
