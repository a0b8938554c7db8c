import type { Clock } from "../../../functions/core/domain/clock.ts";
import type { Session, SessionCache } from "../../../functions/core/ports/session-cache.ts";

const LIFE_MS = 1_800_000;

/** A session cache in memory. */
export function createFakeSessionCache(clock: Clock): SessionCache {
  const sessions = new Map<string, { generation: number; expires: number; fields: Session }>();
  const live = (tag: string) => {
    const held = sessions.get(tag);
    return held && held.expires > clock().getTime() ? held : undefined;
  };
  const expiry = (): number => clock().getTime() + LIFE_MS;
  return {
    async get(tag) {
      const held = live(tag);
      if (held) held.expires = expiry();
      return held && structuredClone(held.fields);
    },
    async update(tag, generation, fields) {
      const held = live(tag);
      if (held && held.generation > generation) return false;
      const kept = held?.generation === generation ? held.fields : {};
      sessions.set(tag, { generation, expires: expiry(), fields: structuredClone({ ...kept, ...fields }) });
      return true;
    },
  };
}
