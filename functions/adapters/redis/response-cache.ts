import { RESPONSE_SECONDS, type ResponseCache } from "../../core/ports/response-cache.ts";
import type { RedisClient } from "./client.ts";
import { responseKey } from "./keys.ts";

/** Common answers in Valkey, one string a type. */
export const createResponseCache = ({ redis }: { readonly redis: RedisClient }): ResponseCache => ({
  async get(type: string): Promise<string | undefined> {
    const value = await redis.run((connection) => connection.get(responseKey(type)));
    return value ?? undefined;
  },

  async set(type: string, value: string, seconds: number = RESPONSE_SECONDS): Promise<void> {
    await redis.run((connection) => connection.set(responseKey(type), value, "EX", seconds));
  },
});
