import { describe, expect, it } from "vitest";
import { asList, at, type Json, synthesise } from "./synthesise.ts";

const stage = synthesise("lean");
const bucket = stage
  .ofType("AWS::S3::Bucket")
  .find(({ properties }) => JSON.stringify(properties["BucketName"]).includes("hilo-lean-data"));
const rules = asList(at(bucket?.properties["LifecycleConfiguration"], "Rules"));
const rule = (id: string): Json | undefined => rules.find((candidate) => at(candidate, "Id") === id);
const tiers = (id: string) =>
  asList(at(rule(id), "Transitions")).map((tier) => [at(tier, "StorageClass"), at(tier, "TransitionInDays")]);

/** Rules whose folder an object with this key is in. */
const rulesOf = (key: string) =>
  rules.filter((candidate) => key.startsWith(String(at(candidate, "Prefix") ?? "")));
/** When an object is gone, by whichever rule comes first. */
function expiryOf(key: string, written: string): string | undefined {
  const ends = rulesOf(key).flatMap((candidate) => {
    const days = at(candidate, "ExpirationInDays");
    const date = at(candidate, "ExpirationDate");
    if (date !== undefined) return [Date.parse(String(date))];
    return days === undefined ? [] : [Date.parse(written) + Number(days) * 86_400_000];
  });
  return ends.length === 0 ? undefined : new Date(Math.min(...ends)).toISOString().slice(0, 10);
}

describe("lifecycle of the bucket", () => {
  it("stays under what S3 takes, each rule once and enabled", () => {
    expect(rules.length).toBeLessThanOrEqual(1_000);
    expect(new Set(rules.map((candidate) => at(candidate, "Id"))).size).toBe(rules.length);
    for (const candidate of rules) expect(at(candidate, "Status")).toBe("Enabled");
  });

  it("forgets unfinished uploads, old versions and lone delete markers everywhere", () => {
    expect(rule("leftovers")).toMatchObject({
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
      NoncurrentVersionExpiration: { NoncurrentDays: 7 },
      ExpiredObjectDeleteMarker: true,
    });
    expect(at(rule("leftovers"), "Prefix")).toBeUndefined();
  });

  it.each(["athena-results", "raw-exports", "staging"])("forgets %s within days", (id) => {
    expect(rule(id)).toMatchObject({
      Prefix: `${id}/`,
      ExpirationInDays: 2,
      NoncurrentVersionExpiration: { NoncurrentDays: 1 },
    });
  });

  it("keeps media seven years, the archive five, analytics three, backups one, quarantine 90 days", () => {
    const written = "2026-11-20";
    expect(expiryOf("media/images/2026/11/20/m.jpg", written)).toBe("2033-11-20");
    expect(expiryOf("tool-results/r.json", written)).toBe("2031-11-21");
    expect(expiryOf("analytics/daily_metrics/2026-11-20.json", written)).toBe("2029-11-20");
    expect(expiryOf("analytics/user_behavior/aggregated_patterns.parquet", written)).toBe("2029-11-20");
    expect(expiryOf("backups/dynamodb/b.gz", written)).toBe("2027-11-21");
    expect(expiryOf("quarantine/q.json", written)).toBe("2027-02-18");
  });

  it.each([
    ["conversations/year=2026/month=11/day=20/conversations.parquet", "2031-12-01"],
    ["conversations/year=2026/month=12/day=31/conversations-3.parquet", "2032-01-01"],
    ["logs/year=2026/month=11/day=01/interactions.jsonl.gz", "2028-12-01"],
    ["analytics/user_behavior/daily/year=2026/month=02/day=28/user_behavior.parquet", "2029-03-01"],
    ["conversations/year=2020/month=01/day=01/conversations.parquet", "2025-02-01"],
    ["conversations/year=2035/month=12/day=31/conversations.parquet", "2041-01-01"],
  ])("counts the years of %s from its day, whenever it was written last", (key, end) => {
    expect(expiryOf(key, `${key.slice(key.indexOf("year=") + 5).slice(0, 4)}-12-31`)).toBe(end);
    // Written anew a day before its end, for one person: the others' clock goes on.
    const rewritten = new Date(Date.parse(end) - 86_400_000).toISOString();
    expect(expiryOf(key, rewritten)).toBe(end);
  });

  it("keeps a day its years in full, and no month more", () => {
    for (const [folder, years] of [
      ["conversations", 5],
      ["logs", 2],
      ["analytics/user_behavior/daily", 3],
    ] as const) {
      for (const [year, month, last] of [
        [2024, "02", "29"],
        [2026, "11", "30"],
        [2027, "12", "31"],
      ] as const) {
        const end = expiryOf(
          `${folder}/year=${year}/month=${month}/day=${last}/f`,
          `${year}-${month}-${last}`,
        );
        const kept = Date.parse(String(end)) - Date.parse(`${year}-${month}-${last}`);
        expect(kept).toBeGreaterThanOrEqual(years * 365 * 86_400_000);
        const first = Date.parse(String(end)) - Date.parse(`${year}-${month}-01`);
        expect(first).toBeLessThanOrEqual((years * 366 + 31) * 86_400_000);
      }
    }
  });

  it("moves what grows old to colder classes, all with immediate access", () => {
    expect(tiers("media")).toEqual([
      ["STANDARD_IA", 30],
      ["GLACIER_IR", 90],
    ]);
    for (const id of ["conversations-tiers", "logs-tiers", "tool-results", "backups"])
      expect(tiers(id), id).toEqual([["GLACIER_IR", 30]]);
    const classes = rules.flatMap((candidate) => asList(at(candidate, "Transitions")));
    expect(new Set(classes.map((tier) => at(tier, "StorageClass")))).toEqual(
      new Set(["STANDARD_IA", "GLACIER_IR"]),
    );
  });

  it("asks for no transition that S3 refuses: infrequent access before 30 days, the next within 30 of it", () => {
    for (const { id, days } of rules.map((candidate) => ({
      id: at(candidate, "Id"),
      days: asList(at(candidate, "Transitions")).map((tier) => ({
        to: at(tier, "StorageClass"),
        after: Number(at(tier, "TransitionInDays")),
      })),
    }))) {
      for (const [index, tier] of days.entries()) {
        if (tier.to === "STANDARD_IA") expect(tier.after, String(id)).toBeGreaterThanOrEqual(30);
        if (index > 0)
          expect(tier.after - Number(days[index - 1]?.after), String(id)).toBeGreaterThanOrEqual(30);
      }
    }
  });

  it("names every folder that something is written to", () => {
    for (const folder of [
      "analytics",
      "backups",
      "conversations",
      "logs",
      "media",
      "quarantine",
      "tool-results",
    ]) {
      expect(expiryOf(`${folder}/year=2026/month=11/day=20/x`, "2026-11-20"), folder).toBeDefined();
    }
  });
});
