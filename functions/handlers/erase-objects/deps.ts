import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createLakeDays } from "../../adapters/dynamodb/lake-days.ts";
import { createLakePeople } from "../../adapters/dynamodb/lake-people.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { createPersonObjects } from "../../adapters/dynamodb/person-objects.ts";
import { createLakeRowRemoval, createMessageRowRemoval } from "../../adapters/parquet/row-removal.ts";
import { createLakeObjects } from "../../adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../adapters/s3/lake-versions.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { UserRow, UserTable } from "../../core/domain/user-tables.ts";
import { createObjectStores } from "../../core/use-cases/erasure/object-stores.ts";
import { createDynamoClient, createLakeS3Client, createSecretsClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { eraseObjectsEnv } from "./env.ts";
import type { EraseObjectsHandlerDeps } from "./handler.ts";

/** All of a request: an object that holds many of its people is written once. */
const EVERYBODY = 1_000_000;

/** Wires `erase-objects` to requests, legal holds, the index of objects by person, the days of the lake and the bucket. */
export async function createEraseObjectsDeps(
  env: ReturnType<typeof eraseObjectsEnv>,
): Promise<EraseObjectsHandlerDeps> {
  const client = createDynamoClient();
  const requests = createErasureRequests({ client, tables: erasureTables(env), clock: systemClock });
  const bucket = { client: createLakeS3Client(), bucket: env.BUCKET_NAME };
  const objects = {
    people: createPersonObjects({ client, table: env.USER_OBJECTS_TABLE }),
    index: createLakePeople({ client, table: env.USER_OBJECTS_TABLE, clock: systemClock }),
    objects: createLakeObjects(bucket),
    versions: createLakeVersions(bucket),
    days: createLakeDays({
      client,
      tables: { days: env.LAKE_DAYS_TABLE, ledger: env.ERASURE_LEDGER_TABLE },
      clock: systemClock,
    }),
    rows: createMessageRowRemoval(env.LAKE_WRITER),
    userRows: ({ schema }: UserTable) => createLakeRowRemoval<UserRow>(schema, env.LAKE_WRITER),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    writerLifeMs: env.ERASURE_DRAIN_SECONDS * 1000,
  };
  return {
    requests,
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    stores: (requestId) =>
      createObjectStores({
        ...objects,
        notes: requests.notes(requestId),
      }),
    peoplePerCall: EVERYBODY,
    clock: systemClock,
    log: createLog(),
  };
}
