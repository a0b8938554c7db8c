import { randomBytes } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import type { ErasureLedger } from "../../../functions/core/ports/erasure-ledger.ts";
import type { FenceHistory, Fences } from "../../../functions/core/ports/fences.ts";
import { later } from "../../support/builders.ts";
import { newRequestId } from "./erasure-requests.ts";

/** What sets fences, what reads them, and how many there were. */
export interface OpenFences {
  readonly fences: Fences & FenceHistory;
  readonly ledger: ErasureLedger;
  sequence(): Promise<number>;
}

const keys = new KeyChain({ k1: "1".repeat(64), k2: "2".repeat(64) });

/** What everything that sets fences holds to. */
export function fencesSuite(name: string, open: () => Promise<OpenFences>): void {
  describe(`Fences: ${name}`, () => {
    let stores: OpenFences;
    let userId: string;
    let start: string;
    beforeAll(async () => {
      stores = await open();
    });
    beforeEach(() => {
      userId = `web:${randomBytes(8).toString("hex")}`;
      // Ahead of every clock: what is asked for is then what is set.
      start = new Date(Date.now() + 3_600_000).toISOString();
    });
    const fence = (at = start, requestId = newRequestId()) =>
      stores.fences.fence({ tag: keys.tag(userId), tags: keys.tags(userId), requestId, at });
    const held = async (id = userId) => (await stores.ledger.fences([keys.tag(id)])).get(keys.tag(id));

    it("ends the first generation of a person never seen, and one more with each request", async () => {
      expect(await held()).toBeUndefined();
      const before = await stores.sequence();
      expect(await fence()).toEqual({ generation: 1, fenced_at: start });
      expect(await held()).toEqual({ generation: 1, fenced_at: start });
      expect(await fence(later(1000, start))).toEqual({ generation: 2, fenced_at: later(1000, start) });
      expect(await held()).toEqual({ generation: 2, fenced_at: later(1000, start) });
      expect((await stores.sequence()) - before).toBe(2);
    });

    it("returns what the request set when it asks again, even after another one's fence", async () => {
      const requestId = newRequestId();
      const first = await fence(start, requestId);
      const before = await stores.sequence();
      expect(await fence(later(5000, start), requestId)).toEqual(first);
      const second = await fence(later(9000, start));
      expect(await fence(later(10_000, start), requestId)).toEqual(first);
      expect(await held()).toEqual(second);
      expect((await stores.sequence()) - before).toBe(1);
    });

    it("says which request fenced a person last", async () => {
      const tag = keys.tag(userId);
      expect((await stores.fences.last([tag])).size).toBe(0);
      const [first, second] = [newRequestId(), newRequestId()];
      await fence(start, first);
      const last = await fence(later(1, start), second);
      await fence(later(2, start), first);
      expect(await stores.fences.last([tag, keys.tag("web:nobody")])).toEqual(
        new Map([[tag, { ...last, requestId: second }]]),
      );
    });

    it("fences no earlier than it is written, and never before an earlier fence", async () => {
      const past = await fence("2020-01-01T00:00:00.000Z");
      expect(Date.parse(past.fenced_at)).toBeGreaterThan(Date.now() - 60_000);
      const { fenced_at } = await fence(start);
      expect((await fence(later(-1000, fenced_at))).fenced_at).toBe(fenced_at);
    });

    it("gives each of many at once a generation of its own", async () => {
      const before = await stores.sequence();
      const set = await Promise.all(Array.from({ length: 4 }, () => fence()));
      expect(set.map(({ generation }) => generation).sort()).toEqual([1, 2, 3, 4]);
      expect((await held())?.generation).toBe(4);
      expect((await stores.sequence()) - before).toBe(4);
    });

    it("sets one fence for a request that asks twice at once", async () => {
      const requestId = newRequestId();
      const [a, b] = await Promise.all([fence(start, requestId), fence(later(1, start), requestId)]);
      expect(a).toEqual(b);
      expect(a.generation).toBe(1);
    });

    it("fences nobody whose id begins alike", async () => {
      await fence();
      expect(await held(`${userId}4`)).toBeUndefined();
      expect(await held(userId.slice(0, -1))).toBeUndefined();
    });
  });
}
