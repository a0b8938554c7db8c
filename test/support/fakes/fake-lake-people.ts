import type { LakePeople, LakePerson } from "../../../functions/core/ports/lake-people.ts";

/** The table `user-objects` in memory, as far as the lake is concerned. */
export class FakeLakePeople implements LakePeople {
  readonly #entries = new Map<string, Map<string, number>>();

  /** Generation under which a person is entered for an object. */
  generationOf(key: string, userId: string): number | undefined {
    return this.#entries.get(key)?.get(userId);
  }

  /** Every entry. */
  entries(): (LakePerson & { readonly key: string })[] {
    return [...this.#entries].flatMap(([key, people]) =>
      [...people].map(([user_id, generation]) => ({ key, user_id, generation })),
    );
  }

  /** Removes an entry of this generation or a lower one, as an eraser does once the object was replaced. */
  remove(key: string, { user_id, generation }: LakePerson): void {
    const entries = this.#entries.get(key);
    if ((entries?.get(user_id) ?? 0) <= generation) entries?.delete(user_id);
  }

  async add(key: string, people: readonly LakePerson[]) {
    const entries = this.#entries.get(key) ?? new Map<string, number>();
    this.#entries.set(key, entries);
    const wanted = people.filter(({ user_id, generation }) => (entries.get(user_id) ?? 0) < generation);
    for (const { user_id, generation } of wanted) entries.set(user_id, generation);
    return wanted.length;
  }

  async missing(key: string, people: readonly LakePerson[]) {
    const entries = this.#entries.get(key);
    return people.filter(({ user_id, generation }) => (entries?.get(user_id) ?? 0) < generation).length;
  }
}
