import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowItem, rowOf } from "../../../functions/adapters/dynamodb/row-item.ts";
import { parseEvent } from "../../../functions/core/contracts/parse-event.ts";
import { PermanentError } from "../../../functions/core/domain/errors.ts";
import type { Json, JsonObject } from "../../../functions/core/domain/json.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import { aStoredMessage, NOW } from "../../support/builders.ts";

const MAX_TIME = Date.parse("9999-12-31T23:59:59.999Z");
const text = fc.string({ unit: "binary" });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const score = fc.double({ min: -1, max: 1, noNaN: true }).map((value) => value + 0);
const time = fc.integer({ min: 0, max: MAX_TIME }).map((value) => new Date(value).toISOString());
/** JSON as it is after storing: `-0` became 0, which JSON cannot say. */
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const object = fc
  .dictionary(fc.string(), json)
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

const stored: fc.Arbitrary<StoredMessage> = fc
  .record(
    {
      user_id: text,
      message_id: text,
      session_id: text,
      conversation_id: text,
      channel: text,
      bot_id: text,
      timestamp: time,
      first_received_at: time,
      position: count,
      message_type: text,
      role: fc.constantFrom("user" as const, "assistant" as const, "system" as const),
      content: text,
      escalation_triggered: fc.boolean(),
      revision: count,
      generation: count,
      deleted: fc.boolean(),
      metadata: fc
        .record(
          {
            sentiment: fc.constantFrom("positive" as const, "mixed" as const),
            sentiment_score: score,
            intent: text,
            language: text,
            other: json,
          },
          { requiredKeys: [] },
        )
        .map((metadata) =>
          Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)),
        ),
      platform_message_id: text,
      reply_to: text,
      ai_model_used: text,
      confidence_score: score,
      processing_time_ms: count,
      tokens_used: count,
      tool_calls: fc.array(fc.record({ tool: text, args: json, result: json })),
      media: object,
      extra: object,
      edited_at: time,
    },
    {
      requiredKeys: [
        "metadata",
        "timestamp",
        "first_received_at",
        "user_id",
        "message_id",
        "position",
        "content",
      ],
    },
  )
  .map((over) => aStoredMessage(over as Partial<StoredMessage>));

/** The message back from its row: shows that nothing was lost. */
function messageOf(row: LakeRow): unknown {
  const json = (name: string): unknown => (row[name] === null ? undefined : JSON.parse(String(row[name])));
  const present = (fields: object): object =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
  const { metadata_other: _, utc_day, sentiment, sentiment_score, intent, language, ...columns } = row;
  expect(utc_day).toBe(Math.floor(row.timestamp / 86_400_000));
  const iso = (name: string) => (row[name] === null ? null : new Date(Number(row[name])).toISOString());
  const numbers = Object.entries(columns).map(([name, value]) => [
    name,
    typeof value === "bigint" ? Number(value) : value,
  ]);
  return present({
    ...Object.fromEntries(numbers),
    kind: "message",
    timestamp: iso("timestamp"),
    first_received_at: iso("first_received_at"),
    edited_at: iso("edited_at"),
    metadata: {
      ...(json("metadata_other") as object),
      ...present({ sentiment, sentiment_score, intent, language }),
    },
    tool_calls: json("tool_calls"),
    media: json("media"),
    extra: json("extra"),
  });
}

describe("lakeRowOf", () => {
  it("loses nothing of a stored message, and fills every column", () => {
    fc.assert(
      fc.property(stored, (message) => {
        const row = lakeRowOf(message);
        expect(Object.keys(row)).toEqual(MESSAGES.columns.map(({ name }) => name));
        expect(messageOf(row)).toEqual(message);
      }),
      { numRuns: 200 },
    );
  });

  it("gives the same row of a message and of its item in the table, text for text", () => {
    fc.assert(
      fc.property(stored, (message) => {
        expect(lakeRowOf(rowOf(rowItem(message, new Date(NOW))))).toEqual(lakeRowOf(message));
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, object]>([
    ["a_new_field", { a_new_field: 1 }],
    ["tag", { tag: "x" }],
    ["timestamp", { timestamp: "2026-11-20T12:00:00Z" }],
    ["first_received_at", { first_received_at: "yesterday" }],
    ["tokens_used", { tokens_used: 2 ** 53 }],
    ["revision", { revision: 1.5 }],
  ])("refuses a %s that the lake could not give back, and names it", (field, over) => {
    const refused = () => lakeRowOf({ ...aStoredMessage(), ...over } as StoredMessage);
    expect(refused).toThrow(PermanentError);
    expect(refused).toThrow(`: ${field} `);
  });

  it.each([
    ["1970-01-01T00:00:00.000Z", 0],
    ["2026-11-20T23:59:59.999Z", 20_777],
    ["2026-11-21T00:00:00.000Z", 20_778],
    ["9999-12-31T23:59:59.999Z", 2_932_896],
  ])("puts %s on day %i", (timestamp, utc_day) => {
    expect(lakeRowOf(aStoredMessage({ timestamp }))).toMatchObject({
      timestamp: Date.parse(timestamp),
      utc_day,
    });
  });
});

describe("what cannot reach a row of the lake, because the edge refuses it", () => {
  const keys = new KeyChain({ k1: "k".repeat(32) });
  const event = {
    user_id: "web:1",
    message_id: "m",
    session_id: "s",
    role: "user",
    timestamp: NOW,
    content: "x",
  };
  const parsed = (fields: string) =>
    parseEvent(JSON.stringify(event).replace(/\}$/, `,${fields}}`), new Date(NOW), keys);

  it.each([
    ["a lone surrogate", String.raw`"content":"\ud800"`, "content"],
    ["a lone surrogate in metadata", String.raw`"metadata":{"a":"\udc00"}`, "metadata.a"],
    ["2^53 + 1 tokens", `"tokens_used":9007199254740993`, "tokens_used"],
    ["2^53 + 1 in metadata", `"metadata":{"n":9007199254740993}`, "n"],
    ["a score of NaN", `"confidence_score":NaN`, "body"],
    ["an infinite score", `"confidence_score":1e999`, "confidence_score"],
  ])("%s", (_, fields, field) => {
    expect(parsed(fields)).toMatchObject({ ok: false, rejection: { field } });
  });

  it("but 2^53 - 1 tokens, NUL and a byte order mark are kept", () => {
    const event = parsed(String.raw`"tokens_used":9007199254740991,"extra_field":"\u0000\ufeff"`);
    expect(event).toMatchObject({
      ok: true,
      message: { tokens_used: 2 ** 53 - 1, extra: { extra_field: "\u0000\ufeff" } },
    });
  });
});
