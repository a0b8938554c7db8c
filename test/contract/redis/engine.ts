import { createRedisClient, type RedisClient } from "../../../functions/adapters/redis/client.ts";
import { openEngines } from "../../support/stage.ts";

/** A client of the running Valkey, as the functions make it. */
export async function openRedis(): Promise<{ redis: RedisClient; url: string; close(): Promise<void> }> {
  const engines = await openEngines();
  const url = engines.endpoints.redis;
  const redis = createRedisClient({ url });
  return {
    redis,
    url,
    async close() {
      redis.disconnect();
      await engines.close();
    },
  };
}
