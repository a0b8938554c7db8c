import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../adapters/dynamodb/message-reader.ts";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { createContextCache } from "../../adapters/redis/context-cache.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { ReadContextDeps } from "../../core/use-cases/read-context.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { redisConfig } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { readContextEnv } from "./env.ts";

/** Wires `read-context` to cache, rows and ledger. */
export function createReadContextDeps(env: ReturnType<typeof readContextEnv>): ReadContextDeps {
  const client = createDynamoClient();
  const log = createLog();
  return {
    cache: createContextCache({ redis: createRedisClient(redisConfig(env)), clock: systemClock }),
    reader: createMessageReader({ client, table: env.CONVERSATION_CONTEXTS_TABLE, clock: systemClock }),
    ledger: createErasureLedger({ client, table: env.ERASURE_LEDGER_TABLE }),
    reportCacheFailure: (error) => log.error("cache not used", error),
  };
}
