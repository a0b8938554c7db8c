import { createLakeDays } from "../../adapters/dynamodb/lake-days.ts";
import { createLakePeople } from "../../adapters/dynamodb/lake-people.ts";
import { createLakeRowFiles } from "../../adapters/parquet/lake-row-files.ts";
import { createLakeObjects } from "../../adapters/s3/lake-objects.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createLakeS3Client } from "../../runtime/clients.ts";
import { createLog } from "../../runtime/logger.ts";
import type { finishDayEnv } from "./env.ts";
import type { FinishDayHandlerDeps } from "./handler.ts";

/**
 * Longest time between a writer's mark, or its look at the clock, and its row: the timeouts of `store-to-dynamodb` and
 * `perform-analytics` are shorter. ms
 */
export const WRITER_LIFE_MS = 15_000;

/** Wires `finish-day` to the lake, its days and the index of objects by person. */
export async function createFinishDayDeps(
  env: ReturnType<typeof finishDayEnv>,
): Promise<FinishDayHandlerDeps> {
  const client = createDynamoClient();
  return {
    days: createLakeDays({
      client,
      tables: { days: env.LAKE_DAYS_TABLE, ledger: env.ERASURE_LEDGER_TABLE },
      clock: systemClock,
    }),
    objects: createLakeObjects({ client: createLakeS3Client(), bucket: env.BUCKET_NAME }),
    files: createLakeRowFiles(env.LAKE_WRITER),
    people: createLakePeople({ client, table: env.USER_OBJECTS_TABLE, clock: systemClock }),
    clock: systemClock,
    settleMs: env.INDEX_LAG_SECONDS * 1000 + WRITER_LIFE_MS,
    hasSideFiles: env.TRAINING_LOGS === "on",
    log: createLog(),
  };
}
