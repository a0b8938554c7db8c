import { describe, expect, it } from "vitest";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import type { ErasureLedger } from "../../../functions/core/ports/erasure-ledger.ts";
import type { Fences } from "../../../functions/core/ports/fences.ts";
import type { LedgerTags } from "../../../functions/core/ports/ledger-tags.ts";
import type { LegalHolds } from "../../../functions/core/ports/legal-holds.ts";
import { LOOKUPS_END_MS, retagLedger } from "../../../functions/core/use-cases/erasure/retag-ledger.ts";
import { NOW } from "../../support/builders.ts";
import { newRequestId } from "./erasure-requests.ts";

/** A ledger of its own, in which nobody was fenced yet. */
export interface OpenLedgerTags {
  readonly tags: LedgerTags;
  readonly fences: Fences;
  readonly ledger: ErasureLedger;
  readonly holds: LegalHolds;
  /** Every tag that something is kept under, read past the ports. */
  keptTags(): Promise<string[]>;
}

const [k1, k2, k3] = ["1", "2", "3"].map((digit) => digit.repeat(64)) as [string, string, string];
const old = new KeyChain({ k1 });
const both = new KeyChain({ k1, k2 });
const switched = new KeyChain({ k1, k2, lookups: "k2" });
const third = new KeyChain({ k1, k2, k3, lookups: "k3" });

/** What every ledger that keys are rotated in holds to. @param open with a clock of the test's */
export function ledgerTagsSuite(name: string, open: (clock: () => Date) => Promise<OpenLedgerTags>): void {
  describe(`LedgerTags: ${name}`, () => {
    const people = Array.from({ length: 7 }, (_, n) => `web:person-${n}`);
    const [ana = "", luis = "", eva = ""] = people;

    /** A ledger with fences and holds from before a rotation, and what is asked of it. */
    async function begin() {
      let now = NOW;
      const clock = () => new Date(now);
      const stores = await open(clock);
      const { tags: ledger, fences, holds } = stores;
      const fence = (userId: string, keys: KeyChain, requestId = newRequestId()) =>
        fences.fence({ tag: keys.tag(userId), tags: keys.tags(userId), requestId, at: now });
      const generationOf = async (userId: string, keys: KeyChain) =>
        (await stores.ledger.fences([keys.tag(userId)])).get(keys.tag(userId))?.generation;
      const hold = (userId: string, keys: KeyChain) =>
        holds.set({ tag: keys.tag(userId), set_at: NOW, actor: "ana", reason: "case 1" });
      const retag = (keys: KeyChain, finish = false) => retagLedger({ finish }, { ledger, keys, clock });
      const pass = (ms: number) => {
        now = new Date(Date.parse(now) + ms).toISOString();
      };
      for (const userId of people.slice(0, 5)) await fence(userId, old);
      await fence(luis, old);
      await hold(ana, old);
      return { ...stores, fence, generationOf, hold, retag, pass };
    }
    const inMs = (ms: number): string => new Date(Date.parse(NOW) + ms).toISOString();
    const refused = expect.objectContaining({
      name: "TransientError",
      message: expect.stringContaining("rotation"),
    });

    it("rotates the keys and revives nobody, step by step", async () => {
      const { ledger, holds, tags, fence, generationOf, hold, retag, pass, keptTags } = await begin();
      expect(await retag(old)).toMatchObject({ state: "unneeded", copied: 0 });
      // Told too early to ask by the new key: nobody is taken for never erased.
      await expect(generationOf(ana, switched)).rejects.toEqual(refused);

      expect(await retag(both)).toMatchObject({ state: "wait", copied: 5, until: inMs(LOOKUPS_END_MS) });
      await expect(generationOf(ana, switched)).rejects.toEqual(refused);
      pass(LOOKUPS_END_MS);
      expect(await retag(both)).toEqual({ state: "switch-lookups", keys: 2, copied: 0, removed: 0 });
      expect(await tags.rotation()).toMatchObject({ from: 1, to: 2, copied: 2, complete: 2, removed: 1 });
      for (const keys of [old, both, switched]) {
        expect([await generationOf(ana, keys), await generationOf(luis, keys)]).toEqual([1, 2]);
        expect(await generationOf("web:nobody", keys)).toBeUndefined();
      }
      // A function that knows the old key only can set no fence that others would miss, and ask for no hold.
      await expect(fence(eva, old)).rejects.toEqual(refused);
      await expect(holds.held(old.tags(ana))).rejects.toEqual(refused);
      expect((await holds.held(both.tags(ana))).size).toBe(1);
      await fence(eva, both);
      await fence(luis, switched);
      await hold(luis, switched);
      for (const keys of [old, both, switched]) {
        expect([await generationOf(eva, keys), await generationOf(luis, keys)]).toEqual([2, 3]);
      }

      expect(await retag(switched)).toMatchObject({ state: "finish", copied: 0 });
      expect(await retag(switched, true)).toMatchObject({ state: "wait", until: inMs(2 * LOOKUPS_END_MS) });
      // Who asks by the old key is refused from here on; so is a hold under it.
      for (const keys of [old, both]) await expect(generationOf(ana, keys)).rejects.toEqual(refused);
      await expect(hold(eva, both)).rejects.toMatchObject({ name: "PermanentError" });
      pass(LOOKUPS_END_MS);
      expect(await retag(switched, true)).toEqual({ state: "done", keys: 2, copied: 0, removed: 6 });
      expect(await retag(switched, true)).toEqual({ state: "done", keys: 2, copied: 0, removed: 0 });
      expect((await keptTags()).filter((tag) => !tag.startsWith("k2."))).toEqual([]);
      expect([await generationOf(ana, switched), await generationOf(luis, switched)]).toEqual([1, 3]);
      expect(
        await holds.held([...switched.tags(ana), ...switched.tags(luis), ...switched.tags(eva)]),
      ).toEqual(new Set([switched.tag(ana), switched.tag(luis)]));
      expect((await ledger.fences([switched.tag("web:nobody")])).size).toBe(0);
    });

    it("rotates again, over two keys at once where one was left out", async () => {
      const { generationOf, retag, pass, keptTags } = await begin();
      for (const [state, copied] of [
        ["wait", 5],
        ["wait", 5],
        ["finish", 0],
      ]) {
        expect(await retag(third)).toMatchObject({ state, copied });
        pass(LOOKUPS_END_MS);
      }
      await retag(third, true);
      pass(LOOKUPS_END_MS);
      expect(await retag(third, true)).toMatchObject({ state: "done", removed: 11 });
      expect((await keptTags()).filter((tag) => !tag.startsWith("k3."))).toEqual([]);
      expect([await generationOf(ana, third), await generationOf(luis, third)]).toEqual([1, 2]);
    });

    it("refuses a secret that has lost a key", async () => {
      const { retag } = await begin();
      await retag(both);
      await expect(retag(old)).rejects.toMatchObject({ name: "PermanentError" });
    });

    it("goes on where it stopped, and misses nobody", async () => {
      const { tags: ledger, generationOf, retag, pass } = await begin();
      let pages = 0;
      const failing: LedgerTags = Object.assign(Object.create(ledger), {
        page: (start?: string) => {
          pages += 1;
          if (pages === 2) throw new Error("killed");
          return ledger.page(start);
        },
        rotation: () => ledger.rotation(),
        move: (...args: Parameters<LedgerTags["move"]>) => ledger.move(...args),
        stoppedAt: (walk: string) => ledger.stoppedAt(walk),
        stopAt: (...args: Parameters<LedgerTags["stopAt"]>) => ledger.stopAt(...args),
        copyFence: (tag: string, to: string) => ledger.copyFence(tag, to),
      });
      const clock = () => new Date(NOW);
      await expect(retagLedger({ finish: false }, { ledger: failing, keys: both, clock })).rejects.toThrow(
        "killed",
      );
      await expect(generationOf(ana, switched)).rejects.toEqual(refused);
      const { copied } = await retag(both);
      expect(copied).toBeLessThan(5);
      pass(LOOKUPS_END_MS);
      await retag(both);
      for (const userId of people.slice(0, 5))
        expect(await generationOf(userId, switched)).toBeGreaterThan(0);
    });

    it("loses no fence that is set meanwhile", async () => {
      const { fence, generationOf, retag, pass } = await begin();
      // Whoever knows the new key; the third is fenced while the walk is on its way.
      const all = [...people, ...people.map((userId) => `${userId}-new`)];
      await Promise.all([retag(both), ...all.map((userId) => fence(userId, both)), fence(luis, switched)]);
      pass(LOOKUPS_END_MS);
      await retag(both);
      for (const userId of all) {
        const before = people.slice(0, 5).includes(userId) ? 1 : 0;
        const generations = before + (userId === luis ? 3 : 1);
        expect([await generationOf(userId, both), await generationOf(userId, switched)]).toEqual([
          generations,
          generations,
        ]);
      }
    });

    it("lets only one of two who re-tag move the range", async () => {
      const { tags } = await begin();
      const before = await tags.rotation();
      const next = { ...before, to: 2 };
      const moved = await Promise.all([tags.move(before, next), tags.move(before, next)]);
      expect(moved.toSorted()).toEqual([false, true]);
    });
  });
}
