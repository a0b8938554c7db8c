import { createRedisClient } from "../../adapters/redis/client.ts";
import { createContextCache } from "../../adapters/redis/context-cache.ts";
import { systemClock } from "../../core/domain/clock.ts";
import type { ContextCache } from "../../core/ports/context-cache.ts";
import { redisConfig } from "../../runtime/env.ts";
import type { storeInCacheEnv } from "./env.ts";

/** Wires `store-in-cache` to Valkey. */
export const createStoreInCacheDeps = (env: ReturnType<typeof storeInCacheEnv>): { cache: ContextCache } => ({
  cache: createContextCache({ redis: createRedisClient(redisConfig(env)), clock: systemClock }),
});
