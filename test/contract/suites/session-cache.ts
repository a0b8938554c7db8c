import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Session, SessionCache } from "../../../functions/core/ports/session-cache.ts";
import { NOW } from "../../support/builders.ts";

const session: Session = {
  session_id: "s-1",
  last_activity: NOW,
  current_state: "pide número de expediente",
  context_summary: 'pregunta por "CER" \0 🧵',
  cached_responses: { saludo: "hola", otras: [1, null] },
  user_preferences: { language: "es", timezone: "Europe/Madrid", previous_interactions: 3 },
};

/** What every session cache does. */
export function describeSessionCache(name: string, cache: SessionCache): void {
  describe(`SessionCache: ${name}`, () => {
    it("knows nothing of a person without a session", async () => {
      expect(await cache.get(randomUUID())).toBeUndefined();
    });

    it("gives every field back as it was set", async () => {
      const tag = randomUUID();
      expect(await cache.update(tag, 1, session)).toBe(true);
      expect(await cache.get(tag)).toEqual(session);
    });

    it("changes only the fields given", async () => {
      const tag = randomUUID();
      await cache.update(tag, 1, session);
      await cache.update(tag, 1, { current_state: "espera" });
      expect(await cache.get(tag)).toEqual({ ...session, current_state: "espera" });
    });

    it("begins anew in a later generation and refuses an earlier one", async () => {
      const tag = randomUUID();
      await cache.update(tag, 1, session);
      expect(await cache.update(tag, 2, { session_id: "s-2" })).toBe(true);
      expect(await cache.update(tag, 1, session)).toBe(false);
      expect(await cache.get(tag)).toEqual({ session_id: "s-2" });
    });

    it("keeps people apart", async () => {
      const tag = randomUUID();
      await cache.update(`${tag}4`, 1, session);
      expect(await cache.get(tag)).toBeUndefined();
    });
  });
}
