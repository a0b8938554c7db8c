import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { createSearchStore } from "../../adapters/opensearch/search-store.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { PEOPLE_PER_CALL } from "../../runtime/eraser-handler.ts";
import { createLog } from "../../runtime/logger.ts";
import type { eraseSearchEnv } from "./env.ts";
import type { EraseSearchHandlerDeps } from "./handler.ts";

/** Wires `erase-search` to requests, legal holds and the search index. */
export function createEraseSearchDeps(env: ReturnType<typeof eraseSearchEnv>): EraseSearchHandlerDeps {
  const client = createDynamoClient();
  const search = createSearchStore(
    createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH }),
  );
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    stores: () => ({ search }),
    peoplePerCall: PEOPLE_PER_CALL,
    clock: systemClock,
    log: createLog(),
  };
}
