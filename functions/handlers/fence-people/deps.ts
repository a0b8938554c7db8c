import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createFences } from "../../adapters/dynamodb/fences.ts";
import { createIdentities } from "../../adapters/dynamodb/identities.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createSecretsClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { fencePeopleEnv } from "./env.ts";
import type { FencePeopleHandlerDeps } from "./handler.ts";

/** Wires `fence-people` to requests, links of ids, legal holds and the ledger. */
export async function createFencePeopleDeps(
  env: ReturnType<typeof fencePeopleEnv>,
): Promise<FencePeopleHandlerDeps> {
  const client = createDynamoClient();
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    identities: createIdentities({ client, table: env.IDENTITIES_TABLE }),
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    fences: createFences({ client, table: env.ERASURE_LEDGER_TABLE }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    clock: systemClock,
    drainSeconds: env.ERASURE_DRAIN_SECONDS,
    log: createLog(),
  };
}
