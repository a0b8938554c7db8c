import { hash } from "node:crypto";
import type { LakeRow, LakeValue } from "./lake-row.ts";
import { MESSAGES } from "./lake-schema.ts";

const COLUMNS = MESSAGES.columns.map(({ name }) => name);
const LANES = 8;

/**
 * Hash of a set of rows that does not depend on their order: the sum of the rows' SHA-256 values, each taken as a vector
 * of eight 32-bit numbers and added lane by lane modulo 2^32. Addition commutes, so order does not matter; it is not
 * XOR, so a row that is there twice does not cancel but counts twice. Nulls are left out, so that a row read from a
 * file older than a column has the hash it had.
 */
export class LakeRowsHash {
  readonly #lanes = new Uint32Array(LANES);
  #rows = 0;

  /** How many rows were added. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * A set that was hashed before, to be changed. @param digest of it, as `digest` gave it
   * @throws RangeError when it is none
   */
  static of(digest: string, rows: number): LakeRowsHash {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new RangeError("the recorded hash of rows is none");
    const known = new LakeRowsHash();
    for (let lane = 0; lane < LANES; lane++)
      known.#lanes[lane] = Number.parseInt(digest.slice(lane * 8, lane * 8 + 8), 16);
    known.#rows = rows;
    return known;
  }

  add(row: LakeRow): void {
    this.#count(row, 1);
  }

  /** Takes out a row that is in the set. */
  remove(row: LakeRow): void {
    this.#count(row, -1);
  }

  #count(row: LakeRow, times: 1 | -1): void {
    const digest = hash("sha256", canonicalText(row), "buffer");
    for (let lane = 0; lane < LANES; lane++) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + times * digest.readUInt32BE(lane * 4);
    }
    this.#rows += times;
  }

  /** 64 hex digits; of no rows, zeros. */
  digest(): string {
    return [...this.#lanes].map((lane) => lane.toString(16).padStart(8, "0")).join("");
  }
}

/** Equal for equal rows and only for them: each value under its column, with its length before it. */
export function canonicalText(row: LakeRow): string {
  let text = "";
  for (const column of COLUMNS) {
    const value = row[column];
    if (value === null || value === undefined) continue;
    const shown = textOf(value);
    text += `${column}:${shown.length}:${shown};`;
  }
  return text;
}

const textOf = (value: Exclude<LakeValue, null>): string =>
  typeof value === "string" ? value : String(value);
