import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { createMessageIndex } from "../../adapters/opensearch/message-index.ts";
import { createConsumedQueue } from "../../adapters/sqs/consumed-queue.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createSqsClient } from "../../runtime/clients.ts";
import { createLog } from "../../runtime/logger.ts";
import type { repairIndexEnv } from "./env.ts";
import type { RepairIndexHandlerDeps } from "./handler.ts";

/** Wires `repair-index` to the rows, the ledger and the search index. */
export function createRepairIndexDeps(env: ReturnType<typeof repairIndexEnv>): RepairIndexHandlerDeps {
  const client = createDynamoClient();
  return {
    reader: createMessageReader({ client, table: env.CONVERSATION_CONTEXTS_TABLE, clock: systemClock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    index: createMessageIndex(
      createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH }),
      "external_gte",
    ),
    queue: createConsumedQueue({ client: createSqsClient() }),
    random: Math.random,
    log: createLog(),
  };
}
