import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createLakeDays } from "../../adapters/dynamodb/lake-days.ts";
import { createPersonObjects } from "../../adapters/dynamodb/person-objects.ts";
import { createLakeObjects } from "../../adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../adapters/s3/lake-versions.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createLakeS3Client } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { abortUploadsEnv } from "./env.ts";
import type { AbortUploadsHandlerDeps } from "./handler.ts";

/** Wires `abort-uploads` to requests, the days of the lake and unfinished uploads. */
export function createAbortUploadsDeps(env: ReturnType<typeof abortUploadsEnv>): AbortUploadsHandlerDeps {
  const client = createDynamoClient();
  const bucket = { client: createLakeS3Client(), bucket: env.BUCKET_NAME };
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    days: createLakeDays({
      client,
      tables: { days: env.LAKE_DAYS_TABLE, ledger: env.ERASURE_LEDGER_TABLE },
      clock: systemClock,
    }),
    objects: createLakeObjects(bucket),
    versions: createLakeVersions(bucket),
    people: createPersonObjects({ client, table: env.USER_OBJECTS_TABLE }),
    log: createLog(),
  };
}
