import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toAthenaLiterals } from "../../../functions/core/domain/athena-literal.ts";
import { tokenize } from "../../../local/athena/sql.ts";

describe("toAthenaLiterals", () => {
  it("makes every text one literal, whatever it says", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (value) => {
        const [literal = ""] = toAthenaLiterals([{ type: "string", value }]);
        expect(tokenize(literal)).toEqual([{ kind: "text", text: literal, at: 0 }]);
        expect(literal.slice(1, -1).replaceAll("''", "'")).toBe(value);
      }),
    );
  });

  it("gives numbers and days in their types", () => {
    expect(
      toAthenaLiterals([
        { type: "bigint", value: -7 },
        { type: "bigint", value: 2n ** 63n - 1n },
        { type: "double", value: 1.5 },
        { type: "double", value: -2e-7 },
        { type: "double", value: 1e21 },
        { type: "date", value: "2024-02-29" },
      ]),
    ).toEqual(["-7", "9223372036854775807", "1.5E0", "-2E-7", "1E21", "DATE '2024-02-29'"]);
  });

  it.each([
    ["date", "2026-11-20' OR '1'='1"],
    ["date", "2026-02-30"],
    ["date", "2025-02-29"],
    ["date", "2026-13-01"],
    ["date", "26-01-01"],
    ["date", "２０２６-01-01"],
    ["date", ["2026-01-01"]],
    ["bigint", 2 ** 53],
    ["bigint", 1.5],
    ["bigint", 2n ** 63n],
    ["bigint", "1 OR 1=1"],
    ["bigint", Number.NaN],
    ["double", Number.NaN],
    ["double", Number.POSITIVE_INFINITY],
    ["double", "1"],
    ["string", "lone \ud800 surrogate"],
    ["string", 7],
  ])("refuses the %s %s without repeating it", (type, value) => {
    // What a caller without types may give.
    const parameters = [
      { type: "string", value: "fine" },
      { type, value },
    ] as Parameters<typeof toAthenaLiterals>[0];
    const message = /^parameter 2 (?:is not? [a-z0-9 -]+(?: \(YYYY-MM-DD\))?)$/;
    expect(() => toAthenaLiterals(parameters)).toThrow(
      expect.objectContaining({
        name: "InvalidQueryParameterError",
        message: expect.stringMatching(message),
      }),
    );
  });

  it("refuses what is longer than Athena takes", () => {
    const parameter = { type: "string", value: "'".repeat(511) } as const;
    expect(toAthenaLiterals([parameter])[0]).toHaveLength(1_024);
    const longer = { ...parameter, value: `${parameter.value}x` };
    expect(() => toAthenaLiterals([longer])).toThrow("parameter 1 has over 1024 characters");
  });
});
