import { setTimeout as sleep } from "node:timers/promises";
import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createLakeDays } from "../../adapters/dynamodb/lake-days.ts";
import { createLakePeople } from "../../adapters/dynamodb/lake-people.ts";
import { createParquetFiles } from "../../adapters/parquet/lake-row-files.ts";
import { createLakeObjects } from "../../adapters/s3/lake-objects.ts";
import { createObjectStore } from "../../adapters/s3/object-store.ts";
import { createStagedFiles } from "../../adapters/s3/staged-files.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { UserRow } from "../../core/domain/user-tables.ts";
import { createDynamoClient, createLakeS3Client, createSecretsClient } from "../../runtime/clients.ts";
import { createLog } from "../../runtime/logger.ts";
import type { publishStagedEnv } from "./env.ts";
import type { PublishStagedHandlerDeps } from "./handler.ts";

/** Wires `publish-staged` to staging, lake, ledger and the index of objects by person. */
export async function createPublishStagedDeps(
  env: ReturnType<typeof publishStagedEnv>,
): Promise<PublishStagedHandlerDeps> {
  const client = createDynamoClient();
  const bucket = { client: createLakeS3Client(), bucket: env.BUCKET_NAME };
  const tables = { days: env.LAKE_DAYS_TABLE, ledger: env.ERASURE_LEDGER_TABLE };
  return {
    days: createLakeDays({ client, tables, clock: systemClock }),
    staged: createStagedFiles(bucket),
    objects: createLakeObjects(bucket),
    store: createObjectStore(bucket),
    root: `s3://${env.BUCKET_NAME}/`,
    people: createLakePeople({ client, table: env.USER_OBJECTS_TABLE, clock: systemClock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    filesOf: ({ schema }) =>
      createParquetFiles<UserRow>(schema, env.LAKE_WRITER, [...schema.order, "generation"]),
    clock: systemClock,
    sleep,
    log: createLog(),
  };
}
