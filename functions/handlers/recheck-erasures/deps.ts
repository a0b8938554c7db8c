import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { loadKeyChain } from "../../adapters/secrets/load-key-chain.ts";
import { createErasureExecutions } from "../../adapters/step-functions/erasure-executions.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient, createSecretsClient, createSfnClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createCounters, createLog } from "../../runtime/logger.ts";
import type { recheckErasuresEnv } from "./env.ts";
import type { RecheckErasuresHandlerDeps } from "./handler.ts";

/** Milliseconds that starting or listing executions may take. */
const CALL_MS = 10_000;

/** Wires `recheck-erasures` to requests, legal holds and the machine that erases. */
export async function createRecheckErasuresDeps(
  env: ReturnType<typeof recheckErasuresEnv>,
): Promise<RecheckErasuresHandlerDeps> {
  const client = createDynamoClient();
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    executions: createErasureExecutions({
      client: createSfnClient(CALL_MS),
      stateMachineArn: env.STATE_MACHINE_ARN,
    }),
    keys: await loadKeyChain(createSecretsClient(), env.KEY_SECRET_ID),
    clock: systemClock,
    log: createLog(),
    counters: createCounters(),
  };
}
