import { Duration } from "aws-cdk-lib";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../../functions/core/domain/day.ts";
import { objectGoneAt } from "../../../../functions/core/domain/object-expiry.ts";
import { lifecycleRules } from "../../../../infra/constructs/bucket-lifecycle.ts";

const WRITTEN = "2026-11-20T12:00:00.000Z";
const rules = lifecycleRules();
const OLD_VERSIONS_MS = Math.max(
  ...rules.map(({ noncurrentVersionExpiration }) => noncurrentVersionExpiration?.toMilliseconds() ?? 0),
);

describe("an entry of the index of objects", () => {
  it("outlives its object in every folder that holds one person's objects, or a day's", () => {
    const keys = [
      "conversations/year=2026/month=11/day=20/conversations.parquet",
      "conversations/year=2024/month=02/day=29/conversations-3.parquet",
      "logs/year=2026/month=12/day=31/interactions.jsonl.gz",
      "analytics/user_behavior/daily/year=2026/month=11/day=20/user_behavior.parquet",
      "media/images/2026/11/20/x.jpg",
      "tool-results/2026/11/20/x/0.json",
      "quarantine/2026/11/20/x.json",
    ];
    for (const key of keys) {
      const ends = rules.flatMap(({ prefix, expiration, expirationDate }) => {
        if (prefix === undefined || !key.startsWith(prefix)) return [];
        if (expirationDate) return [expirationDate.getTime()];
        return expiration ? [Date.parse(WRITTEN) + expiration.toMilliseconds()] : [];
      });
      expect(ends.length, key).toBeGreaterThan(0);
      const goneAt = (objectGoneAt(key, WRITTEN) ?? 0) * 1000;
      // A day's object is written again as long as its month is kept.
      expect(goneAt, key).toBeGreaterThanOrEqual(Math.min(...ends) + OLD_VERSIONS_MS + 14 * DAY_MS);
      expect(goneAt, key).toBeLessThan(Math.max(...ends) + 60 * DAY_MS);
    }
  });

  it("never goes where the object is written for ever, or nobody knows when it goes", () => {
    for (const key of [
      "analytics/user_behavior/aggregated_patterns.parquet",
      "conversations/imported/part-0.parquet",
      "holds/x/y.zip",
    ]) {
      expect(objectGoneAt(key, WRITTEN)).toBeUndefined();
    }
  });

  it("of a day imported after its years lives until that was noticed", () => {
    const key = "conversations/year=2020/month=01/day=01/conversations.parquet";
    expect(objectGoneAt(key, WRITTEN)).toBe(
      (Date.parse(WRITTEN) + Duration.days(37).toMilliseconds()) / 1000,
    );
  });
});
