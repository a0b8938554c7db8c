import type { PersonRows, RemovedPerson } from "../../core/ports/lake-row-removal.ts";
import type { TableRow } from "./row-groups.ts";

/** Whom a row is of, and in which generation: columns of every table that people can be removed from. */
export const PERSON_COLUMNS = ["user_id", "generation"] as const;

/** `stays`: it is of somebody who is removed, but of a later generation. `other`: of nobody who is removed. */
export type RowFate = "goes" | "stays" | "other";

/** The people whose rows are to go, and how many rows of each were met. */
export class RemovedPeople {
  readonly #generations = new Map<string, bigint>();
  /** In the order of Parquet's bounds, which is the lake's. */
  readonly #ids: readonly Uint8Array[];
  readonly #met = new Map<string, { rows: number; staying: number }>();

  constructor(people: readonly RemovedPerson[]) {
    for (const { user_id, generation } of people) {
      const known = this.#generations.get(user_id);
      if (known === undefined || known < generation) this.#generations.set(user_id, BigInt(generation));
    }
    // What is no Unicode is in no file, and its bytes would be another id's.
    const ids = [...this.#generations.keys()].filter((id) => id.isWellFormed());
    this.#ids = ids.map((id) => Buffer.from(id)).sort(Buffer.compare);
  }

  /** Whether any of them can be between two bounds, of which the higher one may have been cut off. */
  anyWithin(least: Uint8Array, most: Uint8Array): boolean {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const id = this.#ids[middle];
      if (id && Buffer.compare(id, least) < 0) low = middle + 1;
      else high = middle;
    }
    const first = this.#ids[low];
    return first !== undefined && Buffer.compare(first.subarray(0, most.byteLength), most) <= 0;
  }

  /** What is to become of a row, which is counted. @param values of PERSON_COLUMNS */
  fateOf(user: unknown, generation: unknown): RowFate {
    if (typeof user !== "string") return "other";
    const last = this.#generations.get(user);
    if (last === undefined) return "other";
    const met = this.#met.get(user) ?? { rows: 0, staying: 0 };
    this.#met.set(user, met);
    // Rows from before there were generations are of the first.
    const stays = typeof generation === "bigint" && generation > last;
    if (stays) met.staying++;
    else met.rows++;
    return stays ? "stays" : "goes";
  }

  /** The same of a whole row. */
  fateOfRow(row: TableRow): RowFate {
    return this.fateOf(row["user_id"], row["generation"]);
  }

  /** What was met of each who has any rows. */
  get met(): ReadonlyMap<string, PersonRows> {
    return this.#met;
  }

  /** Rows met that go, by user id. */
  get removed(): ReadonlyMap<string, number> {
    const going = [...this.#met].filter(([, { rows }]) => rows > 0);
    return new Map(going.map(([user, { rows }]) => [user, rows]));
  }

  /** Who of them has rows that stay. */
  get staying(): ReadonlySet<string> {
    return new Set([...this.#met].filter(([, { staying }]) => staying > 0).map(([user]) => user));
  }
}
