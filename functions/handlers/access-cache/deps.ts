import { createErasureLedger } from "../../adapters/dynamodb/erasure-ledger.ts";
import { createCacheStore } from "../../adapters/redis/cache-store.ts";
import { scanTags } from "../../adapters/redis/cached-tags.ts";
import { createRedisClient } from "../../adapters/redis/client.ts";
import { createDynamoClient } from "../../runtime/clients.ts";
import { redisConfig } from "../../runtime/env.ts";
import { createLog } from "../../runtime/logger.ts";
import type { accessCacheEnv } from "./env.ts";
import type { AccessCacheHandlerDeps } from "./handler.ts";

/** Wires `access-cache` to cache and ledger. */
export function createAccessCacheDeps(env: ReturnType<typeof accessCacheEnv>): AccessCacheHandlerDeps {
  const redis = createRedisClient(redisConfig(env));
  return {
    store: createCacheStore({ redis }),
    scan: (cursor) => scanTags(redis, cursor),
    ledger: createErasureLedger({ client: createDynamoClient(), table: env.ERASURE_LEDGER_TABLE }),
    log: createLog(),
  };
}
