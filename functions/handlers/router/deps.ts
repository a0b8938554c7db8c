import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createObjectIndex } from "../../adapters/dynamodb/object-index.ts";
import { createQuarantine } from "../../adapters/dynamodb/quarantine.ts";
import { createObjectStore } from "../../adapters/s3/object-store.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { createEventQueue } from "../../adapters/sqs/event-queue.ts";
import { createRepairQueue } from "../../adapters/sqs/repair-queue.ts";
import { createMessageWorkflow } from "../../adapters/step-functions/message-workflow.ts";
import { systemClock } from "../../core/domain/clock.ts";
import {
  createDynamoClient,
  createS3Client,
  createSecretsClient,
  createSfnClient,
  createSqsClient,
} from "../../runtime/clients.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import type { routerEnv } from "./env.ts";
import type { RouterDeps } from "./handler.ts";

/** Wires the router to its stores. */
export async function createRouterDeps(env: ReturnType<typeof routerEnv>): Promise<RouterDeps> {
  const dynamo = createDynamoClient();
  const sqs = createSqsClient();
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
    queue: createEventQueue({ client: sqs, queueUrl: env.QUEUE_URL }),
    repairs: createRepairQueue({
      client: sqs,
      refreshCacheQueueUrl: env.REFRESH_CACHE_QUEUE_URL,
      repairIndexQueueUrl: env.REPAIR_INDEX_QUEUE_URL,
    }),
    workflow: createMessageWorkflow({
      client: createSfnClient(env.WORKFLOW_CALL_TIMEOUT_MS),
      stateMachineArn: env.STATE_MACHINE_ARN,
    }),
    executionMs: env.WORKFLOW_CALL_TIMEOUT_MS,
    shouldAnalyze: env.ANALYZE_MESSAGES,
    random: Math.random,
    log: createLog(),
    counters: createCounters(),
  };
}
