import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { createMessageIndex } from "../../adapters/opensearch/message-index.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { RepairIndexDeps } from "../../core/use-cases/repair-index.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { createLog, type Log } from "../../runtime/logger.ts";
import type { repairIndexEnv } from "./env.ts";

/** Wires `repair-index` to the rows, the ledger and the search index. */
export function createRepairIndexDeps(
  env: ReturnType<typeof repairIndexEnv>,
): RepairIndexDeps & { readonly log: Log } {
  const client = createDynamoClient();
  return {
    reader: createMessageReader({ client, table: env.CONVERSATION_CONTEXTS_TABLE, clock: systemClock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    index: createMessageIndex(
      createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH }),
      "external_gte",
    ),
    log: createLog(),
  };
}
