import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { erasureTables } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { requestErasureEnv } from "./env.ts";
import type { RequestErasureHandlerDeps } from "./handler.ts";

/** Wires `request-erasure` to requests. */
export function createRequestErasureDeps(
  env: ReturnType<typeof requestErasureEnv>,
): RequestErasureHandlerDeps {
  return {
    requests: createErasureRequests({
      client: createDynamoClient(),
      tables: erasureTables(env),
      clock: systemClock,
    }),
    clock: systemClock,
    log: createLog(),
  };
}
