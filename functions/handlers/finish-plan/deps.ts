import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createSecretsClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { finishPlanEnv } from "./env.ts";
import type { FinishPlanHandlerDeps } from "./handler.ts";

/** Wires `finish-plan` to requests and legal holds. */
export async function createFinishPlanDeps(
  env: ReturnType<typeof finishPlanEnv>,
): Promise<FinishPlanHandlerDeps> {
  const client = createDynamoClient();
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    drainSeconds: env.ERASURE_DRAIN_SECONDS,
    log: createLog(),
  };
}
