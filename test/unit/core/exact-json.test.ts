import { describe, expect, it } from "vitest";
import { parseExactJson } from "../../../functions/core/contracts/exact-json.ts";

describe("parseExactJson", () => {
  it.each([
    ["text with NUL, emoji and BOM", '{"a":"\\u0000 \\ud83d\\ude00 \\ufeff"}'],
    ["the largest safe integer", '{"a":9007199254740991,"b":-9007199254740991}'],
    ["decimals", '{"a":0.1,"b":1e-7,"c":-0.5e3}'],
  ])("keeps %s", (_, text) => {
    const parsed = parseExactJson(text);
    expect(parsed).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it.each([
    ["2^53 + 1", '{"tokens_used":9007199254740993}', "tokens_used"],
    ["an infinite number", '{"score":1e400}', "score"],
    ["a lone surrogate", '{"content":"a\\ud800b"}', "content"],
    ["a lone surrogate in a list", '{"tool_calls":[{"args":"\\udc00"}]}', "tool_calls.0.args"],
    ["a lone surrogate in a key", '{"extra":{"\\ud800":1}}', "extra"],
    ["a field named __proto__", '{"extra":{"__proto__":1}}', "extra.__proto__"],
    ["nesting too deep to store", `{"extra":${"[".repeat(40)}${"]".repeat(40)}}`, "extra"],
  ])("refuses %s and names the field", (_, text, path) => {
    const parsed = parseExactJson(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.fault.path).toBe(path);
  });

  it.each(["", "{", "nope", "{'a':1}"])("refuses %j as no JSON", (text) => {
    expect(parseExactJson(text)).toMatchObject({ ok: false, fault: { path: "" } });
  });
});
