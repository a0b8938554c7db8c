import { describe, expect, it } from "vitest";
import { LakeRowsHash } from "../../../functions/core/domain/lake-hash.ts";
import { awkwardRows } from "../../support/parquet/rows.ts";

const hashed = (rows: typeof awkwardRows): LakeRowsHash => {
  const hash = new LakeRowsHash();
  for (const row of rows) hash.add(row);
  return hash;
};

describe("the hash of rows", () => {
  it("goes on from what was recorded, and takes rows out", () => {
    const all = hashed(awkwardRows);
    const known = LakeRowsHash.of(all.digest(), all.rows);
    expect([known.digest(), known.rows]).toEqual([all.digest(), all.rows]);
    const [gone, left] = [awkwardRows.slice(0, 7), awkwardRows.slice(7)];
    for (const row of gone.toReversed()) known.remove(row);
    expect([known.digest(), known.rows]).toEqual([hashed(left).digest(), left.length]);
    for (const row of left) known.remove(row);
    expect([known.digest(), known.rows]).toEqual(["0".repeat(64), 0]);
  });

  it.each(["", "0".repeat(63), `${"0".repeat(63)}G`, "0".repeat(65)])("is not %j", (text) => {
    expect(() => LakeRowsHash.of(text, 0)).toThrow(RangeError);
  });
});
