import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseEvent } from "../../../functions/core/contracts/parse-event.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";

const keys = new KeyChain({ k1: "k".repeat(64) });
const SENT = new Date("2026-11-20T12:00:00.500Z");

const full = (fields: Record<string, unknown> = {}) => ({
  user_id: "whatsapp:+1234567890",
  timestamp: "2026-11-20T11:59:59.123Z",
  session_id: "s1",
  message_id: "m1",
  role: "user",
  content: "hola",
  ...fields,
});
const short = (fields: Record<string, unknown> = {}, metadata: Record<string, unknown> = {}) => ({
  canal: "telegram",
  user_id: 777,
  mensaje: "hola",
  timestamp: 1795175999,
  metadata: { chat_id: 777, message_id: 5, ...metadata },
  ...fields,
});
const parse = (event: unknown) => parseEvent(JSON.stringify(event), SENT, keys);
const accepted = (event: unknown) => {
  const result = parse(event);
  if (!result.ok) throw new Error(`${result.rejection.field}: ${result.rejection.detail}`);
  return result.message;
};
const rejected = (event: unknown) => {
  const result = parse(event);
  if (result.ok) throw new Error("was accepted");
  return result.rejection;
};

describe("the full message", () => {
  it("takes defaults for what follows from other fields", () => {
    expect(accepted(full())).toEqual({
      kind: "message",
      channel: "whatsapp",
      bot_id: "default",
      user_id: "whatsapp:+1234567890",
      message_id: "m1",
      session_id: "s1",
      conversation_id: "s1",
      timestamp: "2026-11-20T11:59:59.123Z",
      first_received_at: SENT.toISOString(),
      position: 0,
      message_type: "text",
      role: "user",
      content: "hola",
      escalation_triggered: false,
      metadata: {},
    });
  });

  it("brings times of other zones and precisions to ms in UTC", () => {
    expect(accepted(full({ timestamp: "2026-11-20T08:59:59-03:00" })).timestamp).toBe(
      "2026-11-20T11:59:59.000Z",
    );
  });

  it("keeps unknown fields of a tool call, such as its id", () => {
    const call = { id: "call_1", tool: "search", args: { q: 1 }, result: null, error: "timeout" };
    expect(accepted(full({ tool_calls: [call] })).tool_calls).toEqual([call]);
  });

  it("keeps unknown fields", () => {
    expect(accepted(full({ campaign: { a: [1, null] } })).extra).toEqual({ campaign: { a: [1, null] } });
  });

  it("takes null for absent and drops what Hilo assigns itself", () => {
    const message = accepted(
      full({
        ai_model_used: null,
        generation: 9,
        revision: 4,
        tag: "x",
        metadata: { sentiment: null, other: null },
      }),
    );
    expect(message).not.toHaveProperty("ai_model_used");
    expect(message).not.toHaveProperty("generation");
    expect(message).not.toHaveProperty("extra");
    expect(message.metadata).toEqual({ other: null });
  });

  it("refuses a time that the workflow would refuse, with its whole batch", () => {
    const times = { timestamp: "9999-12-31T23:59:59Z", first_received_at: "9999-12-31T23:59:59-05:00" };
    expect(rejected(full(times)).field).toBe("first_received_at");
  });

  it("writes sentiments in lower case", () => {
    expect(accepted(full({ metadata: { sentiment: "POSITIVE" } })).metadata.sentiment).toBe("positive");
  });

  it("keeps an earlier arrival that it carries, never a later one", () => {
    const earlier = "2026-11-19T00:00:00.000Z";
    expect(accepted(full({ first_received_at: earlier, timestamp: earlier })).first_received_at).toBe(
      earlier,
    );
    const later = "2027-01-01T00:00:00.000Z";
    expect(accepted(full({ first_received_at: later })).first_received_at).toBe(SENT.toISOString());
  });

  it.each([
    ["user_id", { user_id: undefined }],
    ["user_id", { user_id: "+1234" }],
    ["user_id", { user_id: `web:${"a".repeat(10_000)}` }],
    ["user_id", { user_id: "web:a\u0000b" }],
    ["message_id", { message_id: undefined }],
    ["message_id", { message_id: "a!" }],
    ["message_id", { message_id: "m".repeat(129) }],
    ["session_id", { session_id: undefined }],
    ["content", { content: undefined }],
    ["content", { content: 5 }],
    ["role", { role: "bot" }],
    ["timestamp", { timestamp: "ayer" }],
    ["timestamp", { timestamp: "2026-02-30T00:00:00.000Z" }],
    ["timestamp", { timestamp: "1970-01-01T00:00:00.000Z" }],
    ["timestamp", { timestamp: "9999-12-31T23:59:59.999Z" }],
    ["timestamp", { timestamp: "2026-11-21T12:00:00.000Z" }],
    ["tokens_used", { tokens_used: 1.5 }],
    ["confidence_score", { confidence_score: "high" }],
    ["metadata.sentiment", { metadata: { sentiment: "sarcastic" } }],
    ["metadata", { metadata: { big: "x".repeat(20_000) } }],
    ["extra", { campaign: "x".repeat(20_000) }],
    ["tool_calls.0.tool", { tool_calls: [{ args: {} }] }],
  ])("refuses a wrong %s and names it", (field, fields) => {
    expect(rejected(full(fields)).field).toBe(field);
  });

  it("needs no text for a deletion and no session for an edit", () => {
    expect(
      accepted(full({ kind: "delete", content: undefined, session_id: undefined, role: undefined })).content,
    ).toBe("");
    expect(accepted(full({ kind: "edit", session_id: undefined })).kind).toBe("edit");
  });

  it.each(["*", "a:b", "{x}", "../", '"}', "%2F", "🙂", "+12[3]4"])("stores the id %j exactly", (id) => {
    expect(accepted(full({ user_id: `web:${id}` })).user_id).toBe(`web:${id}`);
  });
});

describe("the short event", () => {
  it("becomes the same type, with ids derived by keyed hash", () => {
    const message = accepted(short());
    expect(message).toMatchObject({
      channel: "telegram",
      user_id: "telegram:777",
      content: "hola",
      role: "user",
      platform_message_id: "5",
      timestamp: "2026-11-20T11:59:59.000Z",
      metadata: { chat_id: "777" },
    });
    expect(message.message_id).toMatch(/^tg_[0-9a-f]{64}$/);
    expect(accepted(short()).message_id).toBe(message.message_id);
    expect(accepted(short({}, { chat_id: 778 })).message_id).not.toBe(message.message_id);
  });

  it("tells bots apart, by number or text, in the metadata or beside them", () => {
    const events = [
      accepted(short()),
      accepted(short({}, { bot_id: 111 })),
      accepted(short({}, { bot_id: 222 })),
      accepted(short({ bot_id: 333 })),
      accepted(short({ bot_id: "444" })),
    ];
    expect(events.map(({ bot_id }) => bot_id)).toEqual(["default", "111", "222", "333", "444"]);
    expect(new Set(events.map(({ message_id }) => message_id)).size).toBe(5);
    expect(accepted(short({}, { bot_id: "111" })).message_id).toBe(events[1]?.message_id);
    expect(rejected(short({}, { bot_id: { id: 1 } })).field).toBe("metadata.bot_id");
  });

  it("takes a user id that names its channel already", () => {
    expect(accepted(short({ user_id: "telegram:777" })).user_id).toBe("telegram:777");
  });

  it.each([
    ["canal", { canal: undefined }, {}],
    ["mensaje", { mensaje: undefined }, {}],
    ["timestamp", { timestamp: "2026-11-20" }, {}],
    ["timestamp", { timestamp: 1795175999000 }, {}],
    ["timestamp", { timestamp: 0 }, {}],
    ["metadata.message_id", {}, { message_id: undefined }],
    ["metadata.message_id", {}, { message_id: "m".repeat(10_000) }],
    ["user_id", { user_id: "x".repeat(10_000) }, {}],
  ])("refuses a wrong %s and names it", (field, fields, metadata) => {
    expect(rejected(short(fields, metadata)).field).toBe(field);
  });

  it("names the person of a refused event by the digits that were sent, never somebody near", () => {
    const body = (fields: string) => `{"canal":"discord",${fields},"mensaje":"hola","timestamp":1795175999}`;
    const rejectionOf = (fields: string) => parseEvent(body(fields), SENT, keys);
    expect(rejectionOf('"user_id":80351110224678913')).toMatchObject({
      rejection: { field: "user_id", user_id: "discord:80351110224678913" },
    });
    // Not Unicode: no table can hold it as a key.
    expect(rejectionOf('"user_id":"\\ud800"')).not.toHaveProperty("rejection.user_id");
  });

  it("names the person of a refused event, so that its entry can be erased", () => {
    expect(rejected(short({ mensaje: undefined })).user_id).toBe("telegram:777");
    expect(parseEvent('{"canal":"telegram","user_id":777,"mensaje":"\\ud800"}', SENT, keys)).toMatchObject({
      rejection: { field: "mensaje", user_id: "telegram:777" },
    });
  });
});

describe("any body", () => {
  it.each(["42", "[]", "null", '"hola"', "", "{", "{}", '{"a":1}'])("%s is refused with a field", (body) => {
    const result = parseEvent(body, SENT, keys);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.rejection.field).not.toBe("");
  });

  it("never throws, and what it says of a fault never quotes the body", () => {
    const canary = "CANARYx93";
    const seeded = fc
      .jsonValue()
      .map((value) => JSON.stringify({ ...full(), [canary]: value, content: { canary } }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), seeded), (body) => {
        const result = parseEvent(body, SENT, keys);
        if (!result.ok) expect(result.rejection.detail).not.toContain(canary);
      }),
      { seed: 20261120, numRuns: 500 },
    );
  });
});
