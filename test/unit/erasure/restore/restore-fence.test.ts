import { describe, expect, it } from "vitest";
import { NOTHING_HELD } from "../../../../functions/core/domain/erasure.ts";
import { PermanentError } from "../../../../functions/core/domain/errors.ts";
import type { Fence } from "../../../../functions/core/domain/fence.ts";
import { KeyChain } from "../../../../functions/core/domain/key-chain.ts";
import type { FoundPerson } from "../../../../functions/core/ports/restored-people.ts";
import { fenceRestored, type RestoreFenceDeps } from "../../../../functions/core/use-cases/restore-fence.ts";
import { NOW } from "../../../support/builders.ts";
import { FakeLegalHolds } from "../../../support/fakes/fake-legal-holds.ts";
import { createFakePersonalStore } from "../../../support/fakes/fake-personal-store.ts";

const [k1, k2] = ["a key that is long enough for a restore", "another key that is long enough, too"];
const keys = new KeyChain({ k1 });

function world(over: { readonly keys?: KeyChain } = {}) {
  const chain = over.keys ?? keys;
  const fences = new Map<string, Fence>();
  const asked: number[] = [];
  const holds = new FakeLegalHolds();
  const store = createFakePersonalStore();
  let sequence = 0;
  const deps: RestoreFenceDeps = {
    ledger: {
      async fences(tags) {
        asked.push(tags.length);
        return new Map(tags.flatMap((tag) => (fences.has(tag) ? [[tag, fences.get(tag) as Fence]] : [])));
      },
    },
    days: { fenceSequence: async () => sequence },
    keys: chain,
    holds,
  };
  return {
    store,
    holds,
    deps,
    asked,
    fence(user: string, generation: number) {
      sequence += 1;
      fences.set(chain.tag(user), { generation, fenced_at: NOW });
    },
    put: (user: string, generation = 1) =>
      store.put({ user_id: user, name: `row of ${generation}`, generation, value: user }),
    /** Everybody who is in the store, as a scan finds them: row by row. */
    people: {
      async *all(): AsyncGenerator<FoundPerson> {
        const inKeyOrder = store.held.toSorted((a, b) => (a.user_id < b.user_id ? -1 : 1));
        for (const { user_id, generation } of inKeyOrder) yield { user_id, generation };
      },
    },
  };
}

describe("running the fences over something restored", () => {
  it("removes the erased past of whoever was erased, and nothing of anybody else", async () => {
    const { store, deps, people, fence, put } = world();
    for (const user of ["web:ana", "web:ana2", "web:bea", "*", "web:{x}"]) put(user);
    put("web:ana", 2);
    fence("web:ana", 1);
    fence("*", 1);
    const report = await fenceRestored({ people, store }, 2, deps);
    expect(store.held.map(({ user_id, generation }) => [user_id, generation])).toEqual([
      ["web:ana2", 1],
      ["web:bea", 1],
      ["web:{x}", 1],
      ["web:ana", 2],
    ]);
    expect(report).toMatchObject({ fenced: 2, fences: 2, remaining: NOTHING_HELD });
    expect(report.removed.items).toBe(2);
  });

  it("asks the ledger for 99 people at a time, however many rows each has", async () => {
    const { deps, people, store, put, asked, fence } = world();
    for (let nth = 0; nth < 250; nth++) {
      put(`web:${nth}`);
      store.put({ user_id: `web:${nth}`, name: "another", generation: 1, value: nth });
    }
    fence("web:249", 1);
    const report = await fenceRestored({ people, store }, 1, deps);
    expect(asked).toEqual([99, 99, 52]);
    expect(report.people).toBe(250);
    expect(store.held.some(({ user_id }) => user_id === "web:249")).toBe(false);
  });

  it("refuses a ledger with fewer fences than there were: it was not restored first", async () => {
    const { deps, people, store, put, fence } = world();
    put("web:ana");
    fence("web:ana", 1);
    await expect(fenceRestored({ people, store }, 2, deps)).rejects.toThrow(/restore erasure-ledger first/);
    expect(store.held).toHaveLength(1);
  });

  it("refuses a ledger that is older than the data, whatever was said of it", async () => {
    const { deps, people, store, put, fence } = world();
    put("web:bea", 3);
    fence("web:bea", 1);
    await expect(fenceRestored({ people, store }, 0, deps)).rejects.toThrow(PermanentError);
  });

  it("looks through everything again when somebody is fenced meanwhile", async () => {
    const { deps, people, store, put, fence } = world();
    for (const user of ["web:ana", "web:bea"]) put(user);
    let looked = 0;
    const disturbed = {
      async *all(): AsyncGenerator<FoundPerson> {
        for await (const person of people.all()) {
          yield person;
          looked += 1;
          if (looked === 2) fence("web:ana", 1);
        }
      },
    };
    const report = await fenceRestored({ people: disturbed, store }, 0, deps);
    expect(store.held.map(({ user_id }) => user_id)).toEqual(["web:bea"]);
    expect(report.fences).toBe(1);
  });

  it("keeps what a legal hold keeps, and says that it is not clean", async () => {
    const { deps, people, store, holds, put, fence } = world();
    put("web:ana");
    fence("web:ana", 1);
    await holds.set({ tag: keys.tag("web:ana"), set_at: NOW, actor: "counsel", reason: "case 7" });
    const report = await fenceRestored({ people, store }, 1, deps);
    expect(report.remaining.items).toBe(1);
    expect(store.held).toHaveLength(1);
  });

  it("finds by later keys who is stored under an older one, where only the keyed hash is there", async () => {
    const chain = new KeyChain({ k1, k2, lookups: "k2" });
    const { deps, fence } = world({ keys: chain });
    const [first = "", second = ""] = chain.tags("web:ana");
    fence("web:ana", 1);
    const erased: string[][] = [];
    const people = {
      async *all(): AsyncGenerator<FoundPerson> {
        yield { tag: first };
        yield { tag: chain.tags("web:bea")[0] ?? "" };
      },
    };
    const store = {
      erase: async (targets: readonly { readonly tags: readonly string[] }[]) => {
        erased.push(...targets.map(({ tags }) => [...tags]));
        return { done: true, removed: targets.map(() => NOTHING_HELD) };
      },
      verify: async (targets: readonly unknown[]) => targets.map(() => NOTHING_HELD),
    };
    await fenceRestored({ people, store }, 1, deps);
    expect(erased).toEqual([[first, second]]);
  });
});
