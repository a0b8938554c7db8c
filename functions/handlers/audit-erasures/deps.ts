import { createLakeAudit } from "../../adapters/athena/lake-audit.ts";
import { createQueryRunner } from "../../adapters/athena/query-runner.ts";
import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { readFenceSequence } from "../../adapters/dynamodb/fence-sequence.ts";
import { createLakePeople } from "../../adapters/dynamodb/lake-people.ts";
import { createLakeVersions } from "../../adapters/s3/lake-versions.ts";
import { createStagedFiles } from "../../adapters/s3/staged-files.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { queryNamed } from "../../core/use-cases/ask-query.ts";
import {
  createAthenaClient,
  createDynamoClient,
  createS3Client,
  createSecretsClient,
} from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import { readQueryFiles } from "../../runtime/query-files.ts";
import type { auditErasuresEnv } from "./env.ts";
import type { AuditErasuresHandlerDeps } from "./handler.ts";

/** Wires `audit-erasures` to requests, Athena, the bucket and the index of objects by person. */
export async function createAuditErasuresDeps(
  env: ReturnType<typeof auditErasuresEnv>,
): Promise<AuditErasuresHandlerDeps> {
  const client = createDynamoClient();
  const bucket = { client: createS3Client(), bucket: env.BUCKET_NAME };
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    audit: createLakeAudit({
      ...bucket,
      runner: createQueryRunner({
        client: createAthenaClient(),
        workGroup: env.ATHENA_WORKGROUP,
        database: env.GLUE_DATABASE,
      }),
      query: queryNamed("erasure-audit", readQueryFiles(import.meta.dirname)),
      files: createStagedFiles(bucket),
      versions: createLakeVersions(bucket),
    }),
    people: createLakePeople({ client, table: env.USER_OBJECTS_TABLE, clock: systemClock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    fenceSequence: () => readFenceSequence(client, env.ERASURE_LEDGER_TABLE),
    log: createLog(),
    counters: createCounters(),
  };
}
