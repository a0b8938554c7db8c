import { describe, expect, it } from "vitest";
import { contentOf, heldAmong, scoreOf } from "../../../functions/adapters/redis/context-members.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import { aStoredMessage, later } from "../../support/builders.ts";

/** What a reader of the context is given of a message. */
function shown(row: StoredMessage): unknown {
  const { kind: _k, channel: _c, bot_id: _b, user_id: _u, ...rest } = row;
  const { escalation_triggered: _e, generation: _g, deleted: _d, ...kept } = rest;
  return kept;
}
const read = (...members: string[]) => heldAmong(["complete", ...members], 0);

describe("the member of a message", () => {
  const usual = aStoredMessage({ session_id: "s", conversation_id: "s", metadata: {} });
  it.each<[string, Partial<StoredMessage>]>([
    ["as usual", {}],
    ["of another conversation than the session", { conversation_id: "c" }],
    ["an empty text", { content: "" }],
    ["a text like a member", { content: contentOf(usual) }],
    ["a session with blanks, braces and emoji", { session_id: '{"n": 1} 🧵', conversation_id: "s" }],
    ["half a surrogate pair in the text", { content: "mitad \ud83e, otra \uddf5" }],
    ["half a surrogate pair in the session", { session_id: "s\ud83e", conversation_id: "s\ud83e" }],
    ["NUL, BOM, line ends", { content: "\ufeff\u0000\r\n\u2028" }],
    [
      "all that is optional",
      { reply_to: "m 0", media: { a: [null] }, ai_model_used: "x", edited_at: later(5) },
    ],
    ["tool calls", { tool_calls: [{ tool: "t", args: ["{}", 1e300], result: { ["__proto__"]: 1 } }] }],
    ["a language only", { metadata: { language: "es-MX" } }],
    ["a score alone", { metadata: { sentiment_score: 0 } }],
    ["lines and nothing in an analysis", { metadata: { intent: "a\nb", language: "" } }],
    ["half a pair in an analysis", { metadata: { intent: "\ud83e", language: "es" } }],
    [
      "more than an analysis",
      { metadata: { language: "es", odd: { a: [null] }, sentiment: "mixed" } as const },
    ],
    ["an analysis", { metadata: { sentiment: "mixed", sentiment_score: -1e-7, intent: "a b" } }],
    [
      "another type, a far position and revision",
      { message_type: "image", position: 1_234_567, revision: 42 },
    ],
    ["another time than its arrival", { first_received_at: later(90_000) }],
  ])("says exactly what was said: %s", (_, over) => {
    const row = { ...usual, ...over };
    const text = Buffer.from(contentOf(row)).toString();
    expect(read(text)?.messages).toEqual([shown(row)]);
  });

  it("takes little more room than the text", () => {
    const bytes = Buffer.byteLength(contentOf({ ...usual, content: "x".repeat(1_000) }));
    expect(bytes).toBeLessThan(1_100);
  });

  it("is told from horizons, control members and what another version wrote", () => {
    const member = contentOf(usual);
    const horizon = member.split(" ").slice(0, 3).join(" ");
    expect(read(member, horizon)).toMatchObject({ isWhole: false, messages: [{}] });
    for (const own of ["#user", "=1 1795176000000", "~lease user x"])
      expect(read(member, own)).toMatchObject({ isWhole: true, messages: [{}] });
    expect(read(member, `${horizon} 1 {"message_id":"m"}`)).toBeUndefined();
    expect(read(member, "user")).toBeUndefined();
  });

  it("has a positive score in every year", () => {
    for (const timestamp of ["0000-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
      expect(scoreOf({ timestamp })).toBeGreaterThan(0);
  });
});
