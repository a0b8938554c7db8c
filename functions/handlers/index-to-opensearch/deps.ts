import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { createMessageIndex } from "../../adapters/opensearch/message-index.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { IndexStoredDeps } from "../../core/use-cases/index-stored.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import type { indexToOpenSearchEnv } from "./env.ts";

/** Wires `index-to-opensearch` to the rows and the search index. */
export const createIndexToOpenSearchDeps = (
  env: ReturnType<typeof indexToOpenSearchEnv>,
): IndexStoredDeps => ({
  reader: createMessageReader({
    client: createDynamoClient(),
    table: env.CONVERSATION_CONTEXTS_TABLE,
    clock: systemClock,
  }),
  index: createMessageIndex(createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH })),
});
