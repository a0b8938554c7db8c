import type { Redis } from "ioredis";
import { createRedisClient, type RedisClient } from "../../../functions/adapters/redis/client.ts";
import { openEngines } from "../../support/stage.ts";

/** A client of the running Valkey, as the functions make it, and a plain connection to look from outside. */
export async function openRedis(): Promise<{
  redis: RedisClient;
  outside: Redis;
  url: string;
  close(): Promise<void>;
}> {
  const engines = await openEngines();
  const url = engines.endpoints.redis;
  const redis = createRedisClient({ url });
  return {
    redis,
    outside: engines.redis,
    url,
    async close() {
      redis.close();
      await engines.close();
    },
  };
}
