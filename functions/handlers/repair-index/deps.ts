import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { createMessageIndex } from "../../adapters/opensearch/message-index.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { RepairIndexDeps } from "../../core/use-cases/repair-index.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { createLog, type Log } from "../../runtime/logger.ts";
import type { repairIndexEnv } from "./env.ts";

/** Wires `repair-index` to the rows and the search index. */
export const createRepairIndexDeps = (
  env: ReturnType<typeof repairIndexEnv>,
): RepairIndexDeps & { readonly log: Log } => ({
  reader: createMessageReader({
    client: createDynamoClient(),
    table: env.CONVERSATION_CONTEXTS_TABLE,
    clock: systemClock,
  }),
  index: createMessageIndex(createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH })),
  log: createLog(),
});
