import { describe, expect, test } from "vitest";
import {
  judgeQuality,
  type QualityCheck,
  type QualityCount,
} from "../../../functions/core/use-cases/data-quality.ts";
import { readQualityHistory } from "../../../functions/core/use-cases/data-quality-history.ts";
import { createFakeObjectStore } from "../../support/fakes/fake-objects.ts";

const NOTHING = { messages: [], shares: new Map() };

function judge(
  counts: readonly QualityCount[],
  before: { messages?: number[]; shares?: Record<string, number[]> } = {},
  messages = 100,
): Map<string, QualityCheck> {
  const history = { messages: before.messages ?? [], shares: new Map(Object.entries(before.shares ?? {})) };
  return new Map(judgeQuality({ messages, counts, history }).map((check) => [check.check, check]));
}

describe("a share with a threshold of its own", () => {
  test.each([
    [0.05, 5, false],
    [0.06, 6, true],
  ])("of %d", (value, part, breached) => {
    const found = judge([{ name: "empty_text", part, whole: 100 }]).get("empty_text");
    expect(found).toEqual({ check: "empty_text", value, comparison: "at most", threshold: 0.05, breached });
  });

  test("says nothing below 20 messages, nor where nothing could have the fault", () => {
    expect(judge([{ name: "empty_text", part: 19, whole: 19 }]).get("empty_text")).toMatchObject({
      value: 1,
      breached: false,
    });
    expect(judge([{ name: "empty_text", part: 0, whole: 0 }]).get("empty_text")).toMatchObject({
      value: null,
      breached: false,
    });
  });
});

describe("a share against the usual one", () => {
  const part = (n: number): QualityCount[] => [{ name: "null_sentiment", part: n, whole: 100 }];
  const usual = { shares: { null_sentiment: [0.1, 0.9, 0.2, 0.1] } };

  test.each([
    [40, false],
    [41, true],
  ])("median 0.15 and a rise: %d of 100", (n, breached) => {
    expect(judge(part(n), usual).get("null_sentiment")).toMatchObject({ threshold: 0.4, breached });
  });

  test("has no threshold before three weeks", () => {
    expect(judge(part(100), { shares: { null_sentiment: [0, 0] } }).get("null_sentiment")).toMatchObject({
      threshold: null,
      breached: false,
    });
  });

  test("that is always missing is no breach", () => {
    const never = { shares: { null_sentiment: [1, 1, 1] } };
    expect(judge(part(100), never).get("null_sentiment")).toMatchObject({ threshold: 1, breached: false });
  });
});

describe("volume", () => {
  test.each([
    [49, [], true, false],
    [50, [], false, false],
    [200, [], false, false],
    [201, [], false, true],
    [0, [], true, false],
  ])("of %d where 100 are usual", (messages, counts, low, high) => {
    const found = judge(counts, { messages: [100, 5, 100, 900] }, messages);
    expect(found.get("volume_low")?.breached).toBe(low);
    expect(found.get("volume_high")?.breached).toBe(high);
  });

  test("is not judged before three weeks, nor where hardly anybody writes", () => {
    for (const messages of [
      [100, 100],
      [19, 19, 19],
    ])
      expect([...judge([], { messages }, 0).values()].filter(({ breached }) => breached)).toEqual([]);
  });
});

test("a check without a rule is an error: query and rules belong together", () => {
  expect(() =>
    judgeQuality({ messages: 1, counts: [{ name: "new", part: 0, whole: 1 }], history: NOTHING }),
  ).toThrow("new");
});

test("what is usual comes from the same weekday of eight weeks", async () => {
  const objects = createFakeObjectStore();
  const put = (folder: string, day: string, row: object): Promise<void> =>
    objects.put(`analytics/${folder}/${day}.json`, `${JSON.stringify(row)}\n`, "application/x-ndjson");
  for (const [day, total_messages] of [
    ["2026-11-13", 1],
    ["2026-11-06", 2],
    ["2026-09-25", 8],
    ["2026-09-18", 9],
    ["2026-11-19", 10],
  ] as const)
    await put("daily_metrics", day, { date: day, total_messages });
  await put("data_quality", "2026-11-13", { check: "empty_text", value: 0.5 });
  await put("data_quality", "2026-11-06", { check: "empty_text", value: null });
  const history = await readQualityHistory("2026-11-20", objects);
  expect(history.messages).toEqual([1, 2, 8]);
  expect([...history.shares]).toEqual([["empty_text", [0.5]]]);
});
