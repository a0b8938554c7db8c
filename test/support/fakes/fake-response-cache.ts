import type { Clock } from "../../../functions/core/domain/clock.ts";
import { RESPONSE_SECONDS, type ResponseCache } from "../../../functions/core/ports/response-cache.ts";

/** A cache of common answers in memory. */
export function createFakeResponseCache(clock: Clock): ResponseCache {
  const held = new Map<string, { value: string; expires: number }>();
  return {
    async get(type) {
      const entry = held.get(type);
      return entry && entry.expires > clock().getTime() ? entry.value : undefined;
    },
    async set(type, value, seconds = RESPONSE_SECONDS) {
      held.set(type, { value, expires: clock().getTime() + seconds * 1_000 });
    },
  };
}
