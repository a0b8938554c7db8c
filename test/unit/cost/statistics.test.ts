import { expect, it } from "vitest";
import { interleave, ratios, spreadOf } from "../../../bench/statistics.ts";

it("the spread of measurements is their middle, least and most", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
  expect(() => spreadOf([])).toThrow("no measurements");
});

it("contestants run in turn, each first in its turn, and the warm-up does not count", async () => {
  const order: string[] = [];
  const contestant = (name: string) => async () => order.push(name);
  const measured = await interleave({ a: contestant("a"), b: contestant("b") }, 2);
  expect(order.join("")).toBe("abbaab");
  expect(measured).toEqual({ a: [4, 5], b: [3, 6] });
});

it("ratios are of the same round", () => {
  expect(ratios([10, 30], [5, 10])).toEqual([2, 3]);
});
