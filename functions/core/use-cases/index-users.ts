import type { LakePeople, LakePerson } from "../ports/lake-people.ts";

/** People that one call of `LakePeople` takes. */
export const PEOPLE_AT_ONCE = 100;
const CALLS_AT_ONCE = 4;

/**
 * Puts the people of an object, who come one after the other, into the index of objects by person, beside whatever else
 * is done; memory is a few hundred people.
 */
export class PeopleIndexer {
  readonly #people: LakePeople;
  readonly #key: string;
  readonly #running = new Set<Promise<void>>();
  #waiting: LakePerson[] = [];
  #last: LakePerson | undefined;
  #error: unknown;
  #count = 0;
  #written = 0;

  constructor(people: LakePeople, key: string) {
    this.#people = people;
    this.#key = key;
  }

  /** Distinct people so far. */
  get count(): number {
    return this.#count;
  }

  /** Entries that were not there before. */
  get written(): number {
    return this.#written;
  }

  /** Takes a person; resolves when it can take more. @throws what the index threw for others before */
  async add(user_id: string, generation: number): Promise<void> {
    if (this.#last?.user_id === user_id && this.#last.generation >= generation) return;
    if (this.#last?.user_id !== user_id) this.#count += 1;
    else this.#waiting = this.#waiting.filter((person) => person.user_id !== user_id);
    this.#last = { user_id, generation };
    this.#waiting.push(this.#last);
    if (this.#waiting.length < PEOPLE_AT_ONCE) return;
    this.#send();
    while (this.#running.size >= CALLS_AT_ONCE) await Promise.race(this.#running);
    this.#throwFailure();
  }

  /** Resolves when all are in the index. @throws TransientError | PermanentError: then nothing may be committed */
  async flush(): Promise<void> {
    if (this.#waiting.length > 0) this.#send();
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #send(): void {
    const people = this.#waiting;
    this.#waiting = [];
    const call: Promise<void> = this.#people
      .add(this.#key, people)
      .then(
        (written) => {
          this.#written += written;
        },
        (error: unknown) => {
          this.#error ??= error;
        },
      )
      .finally(() => this.#running.delete(call));
    this.#running.add(call);
  }

  #throwFailure(): void {
    if (this.#error !== undefined) throw this.#error;
  }
}
