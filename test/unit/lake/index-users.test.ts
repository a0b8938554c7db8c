import { describe, expect, it } from "vitest";
import type { LakePeople, LakePerson } from "../../../functions/core/ports/lake-people.ts";
import { FenceFilter } from "../../../functions/core/use-cases/export-fence.ts";
import { PeopleIndexer } from "../../../functions/core/use-cases/index-users.ts";
import { tagOf } from "../../support/builders.ts";

/** An index that answers when it is let, and counts calls at once. */
class SlowPeople implements LakePeople {
  readonly calls: (readonly LakePerson[])[] = [];
  readonly #answers: (() => void)[] = [];
  most = 0;

  async add(_key: string, people: readonly LakePerson[]): Promise<number> {
    this.calls.push(people);
    await new Promise<void>((resolve) => {
      this.#answers.push(resolve);
      this.most = Math.max(this.most, this.#answers.length);
    });
    return people.length;
  }

  missing = async (): Promise<number> => 0;

  answer(): void {
    this.#answers.shift()?.();
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe("PeopleIndexer", () => {
  it("sends a hundred people at once, four calls at a time, and waits for all of them", async () => {
    const people = new SlowPeople();
    const indexer = new PeopleIndexer(people, "key");
    let added = 0;
    const adding = (async () => {
      for (let n = 0; n < 1_050; n++) {
        await indexer.add(`web:${n}`, 1);
        added += 1;
      }
      await indexer.flush();
    })();
    await tick();
    // Four calls are under way, and the next hundred cannot be sent.
    expect(people.calls.map((call) => call.length)).toEqual([100, 100, 100, 100]);
    expect(added).toBeLessThan(500);
    let isDone = false;
    const done = adding.then(() => {
      isDone = true;
    });
    for (let call = 0; call < 10; call++) {
      people.answer();
      await tick();
    }
    expect(isDone).toBe(false);
    people.answer();
    await done;
    expect(people.calls.flat()).toHaveLength(1_050);
    expect(people.most).toBe(4);
    expect([indexer.count, indexer.written]).toEqual([1_050, 1_050]);
  });

  it("takes a person once, at the highest generation of their rows", async () => {
    const calls: (readonly LakePerson[])[] = [];
    const people: LakePeople = {
      add: async (_key, entries) => calls.push(entries),
      missing: async () => 0,
    };
    const indexer = new PeopleIndexer(people, "key");
    for (const generation of [1, 1, 2, 1]) await indexer.add("web:a", generation);
    await indexer.add("web:b", 1);
    await indexer.flush();
    expect(calls).toEqual([
      [
        { user_id: "web:a", generation: 2 },
        { user_id: "web:b", generation: 1 },
      ],
    ]);
    expect(indexer.count).toBe(2);
  });

  it("says at the latest when all should be there that somebody is not", async () => {
    const people: LakePeople = {
      add: () => Promise.reject(new Error("throttled")),
      missing: async () => 0,
    };
    const indexer = new PeopleIndexer(people, "key");
    await indexer.add("web:a", 1);
    await expect(indexer.flush()).rejects.toThrow("throttled");
  });
});

describe("FenceFilter", () => {
  it("asks once for each person, also where their rows go on over pages", async () => {
    const asked: string[][] = [];
    const ledger = {
      fences: async (tags: readonly string[]) => {
        asked.push([...tags]);
        return new Map([[tagOf("web:b"), { generation: 2, fenced_at: "2026-11-20T12:00:00.000Z" }]]);
      },
    };
    const filter = new FenceFilter({ ledger, keys: { tag: tagOf } });
    const row = (user_id: string, generation: bigint) => ({ user_id, generation });
    expect(await filter.isLive([row("web:a", 1n), row("web:b", 1n), row("web:b", 3n)])).toEqual([
      true,
      false,
      true,
    ]);
    expect(await filter.isLive([row("web:b", 2n), row("web:b", 3n)])).toEqual([false, true]);
    expect(await filter.isLive([row("web:b", 2n), row("web:c", 1n)])).toEqual([false, true]);
    expect(asked).toEqual([[tagOf("web:a"), tagOf("web:b")], [tagOf("web:c")]]);
    expect(await filter.isLive([])).toEqual([]);
  });
});
