import type { Json } from "./json.ts";

/** Takes what identifies people out of a text; `[PHONE]`, `[EMAIL]` and alike stand in its place. */
export type Redact = (text: string) => string;

/**
 * Redacts every text of a value, keys included. A key is read as the words before its value: `{"dni": 30123456}`
 * becomes `{"dni": "[ID]"}`. Values that nothing is taken out of keep their type.
 */
export function redactJson(value: Json, redact: Redact, key = ""): Json {
  if (Array.isArray(value)) return value.map((item) => redactJson(item, redact, key));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => [redact(name), redactJson(child, redact, name)]),
    );
  }
  if (typeof value !== "string" && typeof value !== "number") return value;
  const text = String(value);
  const prefix = key === "" ? "" : `${wordsOf(key)}: `;
  const redacted = redact(prefix + text);
  // A prefix that was itself redacted tells nothing about its value.
  const result = redacted.startsWith(prefix) ? redacted.slice(prefix.length) : redact(text);
  return result === text ? value : result;
}

/** `order_id` and `orderId` as words. */
const wordsOf = (key: string): string => key.replaceAll("_", " ").replaceAll(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
