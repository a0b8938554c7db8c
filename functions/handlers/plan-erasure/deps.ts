import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createIdentities } from "../../adapters/dynamodb/identities.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createSecretsClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { planErasureEnv } from "./env.ts";
import type { PlanErasureHandlerDeps } from "./handler.ts";

/** Wires `plan-erasure` to requests, links of ids and ledger. */
export async function createPlanErasureDeps(
  env: ReturnType<typeof planErasureEnv>,
): Promise<PlanErasureHandlerDeps> {
  const client = createDynamoClient();
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    identities: createIdentities({ client, table: env.IDENTITIES_TABLE }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    clock: systemClock,
    log: createLog(),
  };
}
