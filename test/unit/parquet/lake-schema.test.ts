import { describe, expect, it } from "vitest";
import { lakeSchemaOf, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";

const [column] = MESSAGES.columns;
if (!column) throw new Error("the lake has no columns");

describe("lakeSchemaOf", () => {
  it("takes a file whose types are known", () => {
    expect(lakeSchemaOf(MESSAGES)).toEqual(MESSAGES);
  });

  it.each([
    ["messages.user_id: no such type: text", [{ ...column, type: "text" }]],
    ["messages.user_id is there twice", [column, column]],
    ["messages is ordered by timestamp, which it does not have", [column]],
  ])("says %s", (message, columns) => {
    expect(() => lakeSchemaOf({ ...MESSAGES, columns })).toThrow(message);
  });
});
