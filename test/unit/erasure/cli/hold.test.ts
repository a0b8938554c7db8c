import { expect, it } from "vitest";
import { assertSameCase } from "../../../../cli/commands/hold.ts";

const hold = { tag: "k2", set_at: "2026-11-01T00:00:00.000Z", actor: "ana", reason: "case 7" };

it("refuses to put a second case in the place of the first, whose end it would become", () => {
  expect(() => assertSameCase([hold], ["k1", "k2"], "case 12")).toThrow(/case 7.*--replace/);
});

it("takes the same case again, which makes the copy that failed, and other people's", () => {
  expect(() => assertSameCase([hold], ["k1", "k2"], "case 7")).not.toThrow();
  expect(() => assertSameCase([hold], ["k3"], "case 12")).not.toThrow();
  expect(() => assertSameCase([], ["k1"], "case 12")).not.toThrow();
});
