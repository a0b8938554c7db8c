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

  add(row: LakeRow): void {
    const digest = hash("sha256", canonicalText(row), "buffer");
    for (let lane = 0; lane < LANES; lane++) {
      this.#lanes[lane] = (this.#lanes[lane] ?? 0) + digest.readUInt32BE(lane * 4);
    }
    this.#rows += 1;
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
