import { createDayReader } from "../../adapters/dynamodb/day-reader.ts";
import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createContextComparer } from "../../adapters/lambda/context-comparer.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { createDayIndex } from "../../adapters/opensearch/day-index.ts";
import { createMessageIndex } from "../../adapters/opensearch/message-index.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createLambdaClient, createSecretsClient } from "../../runtime/clients.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import type { repairDayEnv } from "./env.ts";
import type { RepairDayHandlerDeps } from "./handler.ts";

/** Wires `repair-day` to rows, ledger, search index and the function that reaches the cache. */
export async function createRepairDayDeps(
  env: ReturnType<typeof repairDayEnv>,
): Promise<RepairDayHandlerDeps> {
  const client = createDynamoClient();
  const search = createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH });
  const rows = { client, table: env.CONVERSATION_CONTEXTS_TABLE, clock: systemClock };
  return {
    days: createDayReader(rows),
    reader: createMessageReader(rows),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    dayIndex: createDayIndex(search),
    index: createMessageIndex(search, "external_gte"),
    contexts: createContextComparer({
      client: createLambdaClient(env.COMPARE_CONTEXTS_TIMEOUT_MS),
      functionName: env.COMPARE_CONTEXTS_FUNCTION,
    }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    clock: systemClock,
    log: createLog(),
    counters: createCounters(),
  };
}
