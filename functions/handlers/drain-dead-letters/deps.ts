import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createObjectIndex } from "../../adapters/dynamodb/object-index.ts";
import { createQuarantine } from "../../adapters/dynamodb/quarantine.ts";
import { createObjectStore } from "../../adapters/s3/object-store.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { createRepairQueue } from "../../adapters/sqs/repair-queue.ts";
import { systemClock } from "../../core/domain/clock.ts";
import {
  createDynamoClient,
  createS3Client,
  createSecretsClient,
  createSqsClient,
} from "../../runtime/clients.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import type { drainDeadLettersEnv } from "./env.ts";
import type { DrainDeadLettersHandlerDeps } from "./handler.ts";

/** Wires `drain-dead-letters` to ledger, quarantine, bucket and the queue of cache repairs. */
export async function createDrainDeadLettersDeps(
  env: ReturnType<typeof drainDeadLettersEnv>,
): Promise<DrainDeadLettersHandlerDeps> {
  const dynamo = createDynamoClient();
  return {
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    ledger: createErasureLedger({ client: dynamo, table: env.ERASURE_LEDGER_TABLE }),
    quarantine: createQuarantine({
      client: dynamo,
      table: env.QUARANTINE_TABLE,
      ledgerTable: env.ERASURE_LEDGER_TABLE,
      clock: systemClock,
    }),
    objectIndex: createObjectIndex({ client: dynamo, table: env.USER_OBJECTS_TABLE, clock: systemClock }),
    objectStore: createObjectStore({ client: createS3Client(), bucket: env.BUCKET_NAME }),
    repairs: createRepairQueue({
      client: createSqsClient(),
      refreshCacheQueueUrl: env.REFRESH_CACHE_QUEUE_URL,
      repairIndexQueueUrl: env.REPAIR_INDEX_QUEUE_URL,
    }),
    log: createLog(),
    counters: createCounters(),
  };
}
