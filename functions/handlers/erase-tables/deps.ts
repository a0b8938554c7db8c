import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { createTableStores } from "../../adapters/dynamodb/table-stores.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { erasureTables, personalTables } from "../../runtime/env.ts";
import { PEOPLE_PER_CALL } from "../../runtime/eraser-handler.ts";
import { createLog } from "../../runtime/logger.ts";
import type { eraseTablesEnv } from "./env.ts";
import type { EraseTablesHandlerDeps } from "./handler.ts";

/** Wires `erase-tables` to requests, legal holds and the tables. */
export function createEraseTablesDeps(env: ReturnType<typeof eraseTablesEnv>): EraseTablesHandlerDeps {
  const client = createDynamoClient();
  const requests = createErasureRequests({ client, tables: erasureTables(env), clock: systemClock });
  return {
    requests,
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    stores: (requestId) =>
      createTableStores({
        client,
        tables: personalTables(env),
        notes: requests.notes(requestId),
      }),
    peoplePerCall: PEOPLE_PER_CALL,
    clock: systemClock,
    log: createLog(),
  };
}
