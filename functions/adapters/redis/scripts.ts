import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { RedisClient } from "./client.ts";

/** A Lua script and its digest. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/** Keys and arguments of one call. */
export interface ScriptCall {
  readonly keys: readonly string[];
  readonly args: readonly (string | number)[];
}

export const script = (lua: string): Script => ({ lua, sha: createHash("sha1").update(lua).digest("hex") });

/**
 * Runs a script for each call, in order, in one round trip by its digest. Where the server does not know
 * it yet (first use, restart, failover) it is loaded and what did not run is run again: every script here
 * leaves the same whether it runs once or twice.
 * @throws TransientError | PermanentError when any call failed
 */
export async function runScript(
  redis: RedisClient,
  { lua, sha }: Script,
  calls: readonly ScriptCall[],
): Promise<unknown[]> {
  if (calls.length === 0) return [];
  return redis.run(async (connection) => {
    try {
      return values(await byDigest(connection, sha, calls));
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      const [, ...results] = values(await byDigest(connection, sha, calls, lua));
      return results;
    }
  });
}

function byDigest(connection: Redis, sha: string, calls: readonly ScriptCall[], lua?: string) {
  const pipeline = connection.pipeline();
  if (lua !== undefined) pipeline.script("LOAD", lua);
  for (const { keys, args } of calls) pipeline.evalsha(sha, keys.length, ...keys, ...args);
  return pipeline.exec();
}

/** The replies of a pipeline. @throws the first error among them */
export function values(replies: [error: Error | null, result: unknown][] | null): unknown[] {
  return (replies ?? []).map(([error, result]) => {
    if (error) throw error;
    return result;
  });
}

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith("NOSCRIPT");
