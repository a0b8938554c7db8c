import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ResponseCache } from "../../../functions/core/ports/response-cache.ts";

/** What every cache of common answers does. */
export function describeResponseCache(name: string, cache: ResponseCache): void {
  describe(`ResponseCache: ${name}`, () => {
    it("misses a type that was never set", async () => {
      expect(await cache.get(randomUUID())).toBeUndefined();
    });

    it.each(["hola", "", 'nul \0 "x" 🧵', "{}"])("gives %j back exactly", async (value) => {
      const type = randomUUID();
      await cache.set(type, value, 60);
      expect(await cache.get(type)).toBe(value);
    });

    it("replaces an answer, and takes any type literally", async () => {
      const type = `${randomUUID()}*?[a]{x}:`;
      await cache.set(type, "first");
      await cache.set(type, "second");
      expect(await cache.get(type)).toBe("second");
      expect(await cache.get(`${type}*`)).toBeUndefined();
    });
  });
}
