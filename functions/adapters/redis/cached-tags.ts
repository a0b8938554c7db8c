import { TAG_PATTERN } from "../../core/domain/key-chain.ts";
import type { RedisClient } from "./client.ts";
import { contextKey, sessionKey } from "./keys.ts";

/** Keys that the server looks at in one call, about. */
const COUNT = 1_000;

/**
 * Some of the tags in the cache, of contexts and sessions: for a restored cache before it serves, the one place where keys
 * are scanned. Each is found at least once.
 * @param cursor of the call before, `0` first @returns the next one, `0` at the end
 */
export async function scanTags(
  redis: RedisClient,
  cursor: string,
): Promise<{ readonly cursor: string; readonly tags: readonly string[] }> {
  const [next, keys] = await redis.run((connection) => connection.scan(cursor, "COUNT", COUNT));
  const tags = keys.flatMap((key) => {
    const tag = /\{(.*)\}$/s.exec(key)?.[1] ?? "";
    return TAG_PATTERN.test(tag) && [contextKey(tag), sessionKey(tag)].includes(key) ? [tag] : [];
  });
  return { cursor: next, tags: [...new Set(tags)] };
}
