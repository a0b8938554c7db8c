import { createErasureRequests } from "../../adapters/dynamodb/erasure-requests.ts";
import { createLegalHolds } from "../../adapters/dynamodb/legal-holds.ts";
import { createCacheStore } from "../../adapters/redis/cache-store.ts";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { systemClock } from "../../core/domain/clock.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { erasureTables, redisConfig } from "../../runtime/env.ts";
import { PEOPLE_PER_CALL } from "../../runtime/eraser-handler.ts";
import { createLog } from "../../runtime/logger.ts";
import type { eraseCacheEnv } from "./env.ts";
import type { EraseCacheHandlerDeps } from "./handler.ts";

/** Wires `erase-cache` to requests, legal holds and the cache. */
export function createEraseCacheDeps(env: ReturnType<typeof eraseCacheEnv>): EraseCacheHandlerDeps {
  const client = createDynamoClient();
  const cache = createCacheStore({ redis: createRedisClient(redisConfig(env)) });
  return {
    requests: createErasureRequests({ client, tables: erasureTables(env), clock: systemClock }),
    holds: createLegalHolds({ client, table: env.ERASURE_LEDGER_TABLE }),
    stores: () => ({ cache }),
    peoplePerCall: PEOPLE_PER_CALL,
    clock: systemClock,
    log: createLog(),
  };
}
