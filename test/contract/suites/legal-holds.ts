import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LegalHold, LegalHolds } from "../../../functions/core/ports/legal-holds.ts";
import { later, tagOf } from "../../support/builders.ts";

/** What every keeper of legal holds holds to. */
export function legalHoldsSuite(name: string, open: () => Promise<LegalHolds>): void {
  describe(`LegalHolds: ${name}`, () => {
    let holds: LegalHolds;
    let tag: string;
    beforeAll(async () => {
      holds = await open();
    });
    beforeEach(() => {
      tag = tagOf(randomUUID());
    });
    const aHold = (over: Partial<LegalHold> = {}): LegalHold => ({
      tag,
      set_at: "2026-11-20T12:00:00.000Z",
      actor: "ana",
      reason: "case 12/2026",
      ...over,
    });

    // Other tests look at what is held.
    const liftAll = (...tags: string[]) => Promise.all(tags.map((one) => holds.lift(one)));

    it("says which of many tags are held", async () => {
      const others = Array.from({ length: 120 }, () => tagOf(randomUUID()));
      expect(await holds.held([])).toEqual(new Set());
      expect(await holds.held([tag, ...others])).toEqual(new Set());
      await holds.set(aHold());
      await holds.set(aHold({ tag: others[119] ?? "" }));
      expect(await holds.held([tag, ...others])).toEqual(new Set([tag, others[119]]));
      await liftAll(tag, others[119] ?? "");
    });

    it("lists them exactly, oldest first, and replaces one that is set again", async () => {
      const newer = aHold({ tag: tagOf(randomUUID()), set_at: later(5000) });
      await holds.set(newer);
      await holds.set(aHold());
      await holds.set(aHold({ reason: "case 13/2026", actor: "luis" }));
      const mine = (await holds.list()).filter((hold) => [tag, newer.tag].includes(hold.tag));
      expect(mine).toEqual([aHold({ reason: "case 13/2026", actor: "luis" }), newer]);
      await liftAll(tag, newer.tag);
    });

    it("lifts a hold once", async () => {
      await holds.set(aHold());
      expect(await holds.lift(tag)).toBe(true);
      expect(await holds.lift(tag)).toBe(false);
      expect(await holds.held([tag])).toEqual(new Set());
      expect((await holds.list()).map((hold) => hold.tag)).not.toContain(tag);
    });
  });
}
