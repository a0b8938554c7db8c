import { createIdentities } from "../../adapters/dynamodb/identities.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { createPersonObjects } from "../../adapters/dynamodb/person-objects.ts";
import { createTableStores } from "../../adapters/dynamodb/table-stores.ts";
import { createCachedPeople } from "../../adapters/lambda/cached-people.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { createSearchStore } from "../../adapters/opensearch/search-store.ts";
import { createLakeRowRemoval, createMessageRowRemoval } from "../../adapters/parquet/row-removal.ts";
import { createLakeObjects } from "../../adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../adapters/s3/lake-versions.ts";
import { createObjectStore } from "../../adapters/s3/object-store.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { openZip } from "../../adapters/zip/zip-archive.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { UserRow, UserTable } from "../../core/domain/user-tables.ts";
import { createObjectExports } from "../../core/use-cases/object-exports.ts";
import {
  createDynamoClient,
  createLakeS3Client,
  createLambdaClient,
  createSecretsClient,
} from "../../runtime/clients.ts";
import { personalTables } from "../../runtime/env.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import type { preserveHeldEnv } from "./env.ts";
import type { PreserveHeldHandlerDeps } from "./handler.ts";

/** Longest that the cache's own function may take, ms. */
const CACHE_CALL_MS = 65_000;

/** Wires `preserve-held` to every store that holds people, the holds and the bucket. */
export async function createPreserveHeldDeps(
  env: ReturnType<typeof preserveHeldEnv>,
): Promise<PreserveHeldHandlerDeps> {
  const client = createDynamoClient();
  const s3 = createLakeS3Client();
  const bucket = { client: s3, bucket: env.BUCKET_NAME };
  const keys = await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID);
  const objects = createLakeObjects(bucket);
  const versions = createLakeVersions(bucket);
  return {
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    identities: createIdentities({ client, table: env.IDENTITIES_TABLE }),
    keys,
    stores: {
      cache: createCachedPeople({
        client: createLambdaClient(CACHE_CALL_MS),
        functionName: env.ACCESS_CACHE_FUNCTION,
      }),
      search: createSearchStore(
        createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH }),
      ),
      ...createTableStores({
        client,
        tables: personalTables(env),
      }),
      ...createObjectExports({
        people: createPersonObjects({ client, table: env.USER_OBJECTS_TABLE }),
        objects,
        versions,
        rows: createMessageRowRemoval(),
        userRows: ({ schema }: UserTable) => createLakeRowRemoval<UserRow>(schema),
        keys,
      }),
    },
    openArchive: openZip,
    clock: systemClock,
    objects,
    versions,
    texts: createObjectStore(bucket),
    log: createLog(),
    counters: createCounters(),
  };
}
