import { describe, expect, it } from "vitest";
import { RemovedPeople } from "../../../functions/adapters/parquet/removed-people.ts";
import { seededRandom } from "../../support/random.ts";

const people = (...ids: string[]) => new RemovedPeople(ids.map((user_id) => ({ user_id, generation: 1 })));
const isWithin = (ids: string[], least: string, most: string): boolean =>
  people(...ids).anyWithin(Buffer.from(least), Buffer.from(most));

describe("people between the bounds of a row group", () => {
  it.each<[string[], string, string, boolean]>([
    [[], "a", "z", false],
    [["b"], "a", "c", true],
    [["a"], "a", "c", true],
    [["c"], "a", "c", true],
    [["d"], "a", "c", false],
    [["A"], "a", "c", false],
    [["A", "d"], "a", "c", false],
    [["A", "b", "d"], "a", "c", true],
    // The higher bound may have been cut off: who begins with it may be there.
    [["c1"], "a", "c", true],
    [["whatsapp:+1234"], "whatsapp:+1", "whatsapp:+123", true],
    [["whatsapp:+12"], "whatsapp:+123", "whatsapp:+1234", false],
    // By UTF-8 bytes: in UTF-16 the emoji would come before U+FFFF.
    [["\u{1f642}"], "\uffff", "\u{10ffff}", true],
    [["\u{1f642}"], "a", "\uffff", false],
    [["\uffff"], "\u{1f642}", "\u{10ffff}", false],
    [["\uffff", "\u{1f642}"], "\u{1f641}", "\u{1f643}", true],
    [["\ud800"], "\u0000", "\u{10ffff}", false],
  ])("%j between %j and %j: %s", (ids, least, most, expected) => {
    expect(isWithin(ids, least, most)).toBe(expected);
  });

  it("are found among thousands as by looking at each", () => {
    const random = seededRandom(7);
    const id = (): string => String(Math.floor(random() * 10_000)).padStart(4, "0");
    const ids = Array.from({ length: 3_000 }, id);
    const removed = people(...ids);
    for (let round = 0; round < 500; round++) {
      const [least = "", most = ""] = [id(), id()].sort();
      const expected = ids.some((one) => one >= least && one <= most);
      expect(removed.anyWithin(Buffer.from(least), Buffer.from(most))).toBe(expected);
    }
  });
});

describe("what becomes of a row", () => {
  it("goes by the highest generation asked for, and counts", () => {
    const removed = new RemovedPeople([
      { user_id: "a", generation: 1 },
      { user_id: "a", generation: 2 },
      { user_id: "a", generation: 1 },
      { user_id: "b", generation: 1 },
    ]);
    expect([1n, 2n, 3n].map((generation) => removed.fateOf("a", generation))).toEqual([
      "goes",
      "goes",
      "stays",
    ]);
    // Of a time before there were generations.
    expect(removed.fateOf("b", null)).toBe("goes");
    expect(removed.fateOf("aa", 1n)).toBe("other");
    expect(removed.fateOf(null, 1n)).toBe("other");
    expect(removed.removed).toEqual(new Map(Object.entries({ a: 2, b: 1 })));
    expect(removed.staying).toEqual(new Set(["a"]));
  });
});
