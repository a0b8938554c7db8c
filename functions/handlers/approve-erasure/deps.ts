import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createIdentities } from "../../adapters/dynamodb/identities.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createSecretsClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { approveErasureEnv } from "./env.ts";
import type { ApproveErasureHandlerDeps } from "./handler.ts";

/** Wires `approve-erasure` to requests and links of ids. */
export async function createApproveErasureDeps(
  env: ReturnType<typeof approveErasureEnv>,
): Promise<ApproveErasureHandlerDeps> {
  const client = createDynamoClient();
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    identities: createIdentities({ client, table: env.IDENTITIES_TABLE }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    clock: systemClock,
    log: createLog(),
  };
}
