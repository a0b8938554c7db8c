import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { createContextCache } from "../../adapters/redis/context-cache.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { RefreshCacheDeps } from "../../core/use-cases/refresh-cache.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { redisConfig } from "../../runtime/env.ts";
import { createLog, type Log } from "../../runtime/logger.ts";
import type { refreshCacheEnv } from "./env.ts";

/** Wires `refresh-cache` to cache, rows and ledger. */
export function createRefreshCacheDeps(
  env: ReturnType<typeof refreshCacheEnv>,
): RefreshCacheDeps & { readonly log: Log } {
  const client = createDynamoClient();
  return {
    cache: createContextCache({ redis: createRedisClient(redisConfig(env)), clock: systemClock }),
    reader: createMessageReader({ client, table: env.CONVERSATION_CONTEXTS_TABLE, clock: systemClock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    log: createLog(),
  };
}
