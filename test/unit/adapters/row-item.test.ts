import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metadataItem, metadataOf, rowItem, rowOf } from "../../../functions/adapters/dynamodb/row-item.ts";
import type { Json } from "../../../functions/core/domain/json.ts";
import { aStoredMessage, later, NOW } from "../../support/builders.ts";

const DAY_MS = 86_400_000;
const epochSeconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000);

/** Any JSON whose numbers are doubles; -0 is 0 in JSON. */
const json = fc
  .jsonValue({ maxDepth: 3, stringUnit: "binary" })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);
const object = fc.dictionary(fc.string({ unit: "binary", minLength: 1 }), json);

/** DynamoDB's numbers: 38 digits, from 1e-130 to under 1e126, and zero. */
const isDynamoNumber = (value: number): boolean =>
  value === 0 || (Math.abs(value) >= 1e-130 && Math.abs(value) < 1e126);

const numbersIn = (value: unknown): number[] =>
  typeof value === "number"
    ? [value]
    : typeof value === "object" && value !== null
      ? Object.values(value).flatMap(numbersIn)
      : [];

describe("rowItem", () => {
  it("brings any row back exactly, from attributes that DynamoDB can hold", () => {
    const row = fc
      .record(
        {
          content: fc.string({ unit: "binary" }),
          confidence_score: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
          tokens_used: fc.nat(),
          metadata: fc.tuple(object, fc.double({ min: 0, max: 1, noNaN: true })).map(([other, score]) => ({
            ...other,
            sentiment_score: score + 0,
            language: "es",
          })),
          tool_calls: fc.array(fc.record({ tool: fc.string({ unit: "binary" }), args: json })),
          media: object,
          extra: object,
        },
        { requiredKeys: ["content", "metadata"] },
      )
      .map((over) => aStoredMessage({ ...over, edited_at: later(5) }));
    fc.assert(
      fc.property(row, (given) => {
        const item = rowItem(given, new Date(NOW));
        for (const number of numbersIn(item)) expect(isDynamoNumber(number)).toBe(true);
        expect(rowOf(item)).toEqual(given);
      }),
      { numRuns: 300 },
    );
  });

  it("gives the indexes their keys", () => {
    const user_id = "whatsapp:+34600000009";
    const timestamp = "2026-11-20T23:59:59.999Z";
    const item = rowItem(aStoredMessage({ user_id, timestamp, message_id: "m-7" }), new Date(NOW));
    const shard = crc32(user_id) % 16;
    expect(item).toMatchObject({
      user_id,
      timestamp: `${timestamp}#m-7`,
      message_type_shard: `text#${shard}`,
      day_shard: `2026-11-20#${shard}`,
      day_sort: `${user_id}\u0001${timestamp}#m-7`,
    });
  });

  it("lives 30 days after the later of event and arrival", () => {
    const arrivesLate = rowItem(aStoredMessage({ timestamp: later(-3 * DAY_MS) }), new Date(NOW));
    const clockAhead = rowItem(aStoredMessage({ timestamp: later(1_800_000) }), new Date(NOW));
    expect(arrivesLate["ttl"]).toBe(epochSeconds(NOW) + 30 * 86_400);
    expect(clockAhead["ttl"]).toBe(epochSeconds(NOW) + 1_800 + 30 * 86_400);
  });

  it("keeps known metadata as columns and the rest as text", () => {
    const metadata = { sentiment: "mixed", intent: "x", campaign: { id: 7 } } as const;
    const item = metadataItem(metadata);
    expect(item).toEqual({
      metadata: { sentiment: "mixed", intent: "x" },
      metadata_other: '{"campaign":{"id":7}}',
    });
    expect(metadataOf(item)).toEqual(metadata);
  });
});
