import { createQueryRunner } from "../../adapters/athena/query-runner.ts";
import { createObjectStore } from "../../adapters/s3/object-store.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createAthenaClient, createS3Client } from "../../runtime/clients.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import { readQueryFiles } from "../../runtime/query-files.ts";
import type { writeDailyMetricsEnv } from "./env.ts";
import type { WriteDailyMetricsHandlerDeps } from "./handler.ts";

/** Wires `write-daily-metrics` to Athena and the bucket. The queries lie beside the function's code. */
export async function createWriteDailyMetricsDeps(
  env: ReturnType<typeof writeDailyMetricsEnv>,
): Promise<WriteDailyMetricsHandlerDeps> {
  return {
    queries: readQueryFiles(import.meta.dirname),
    runner: createQueryRunner({
      client: createAthenaClient(),
      workGroup: env.ATHENA_WORKGROUP,
      database: env.GLUE_DATABASE,
    }),
    timeZone: env.REPORTING_TIMEZONE,
    objects: createObjectStore({ client: createS3Client(), bucket: env.BUCKET_NAME }),
    clock: systemClock,
    log: createLog(),
    counters: createCounters(),
  };
}
