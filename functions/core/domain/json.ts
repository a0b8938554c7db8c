/** Any value JSON can hold. */
export type Json = string | number | boolean | null | Json[] | JsonObject;
/** A JSON object. */
export type JsonObject = { [key: string]: Json };

/** Bytes of `value` as UTF-8. */
export const utf8Bytes = (value: string): number => Buffer.byteLength(value, "utf8");

/** JSON with object keys sorted at every level, so that equal values give equal texts. */
export function canonicalJson(value: Json | undefined): string {
  if (value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const entries = Object.keys(value).sort();
    return `{${entries.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** An integer of any size for `JSON.stringify`, which writes all its digits. TypeScript does not know `JSON.rawJSON` yet. */
export const rawInteger = (value: bigint): Json =>
  (JSON as unknown as { rawJSON(text: string): Json }).rawJSON(String(value));

type SourceReviver = (
  this: unknown,
  key: string,
  value: unknown,
  context: { readonly source?: string },
) => unknown;

/** `JSON.parse` whose reviver sees how a value was written, which TypeScript does not know yet either. */
export const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;
