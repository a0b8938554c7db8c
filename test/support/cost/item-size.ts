import { z } from "zod";

/** A value as DynamoDB's protocol writes it: one letter for its type, and the value. */
const attribute = z.record(z.string(), z.unknown());
const item = z.record(z.string(), attribute);

const READ_UNIT_BYTES = 4_096;

/** Bytes that DynamoDB bills an item for: names and values, and a little for each list and map. */
export const itemBytes = (written: unknown): number =>
  Object.entries(item.parse(written)).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value),
    0,
  );

function valueBytes(written: Readonly<Record<string, unknown>>): number {
  const [[type, value] = ["NULL", true]] = Object.entries(written);
  switch (type) {
    case "S":
      return Buffer.byteLength(String(value));
    case "N":
      return numberBytes(String(value));
    case "B":
      return Buffer.from(String(value), "base64").length;
    case "SS":
    case "NS":
    case "BS":
      return (value as string[]).reduce((sum, one) => sum + valueBytes({ [type.charAt(0)]: one }), 0);
    case "L":
      return (value as Readonly<Record<string, unknown>>[]).reduce(
        (sum, one) => sum + valueBytes(one) + 1,
        3,
      );
    case "M":
      return itemBytes(value) + Object.keys(value as object).length + 3;
    default:
      return 1;
  }
}

/** About a byte for two digits, one for the exponent, one for a sign. */
function numberBytes(text: string): number {
  const digits = text
    .replace(/[eE].*$/, "")
    .replace(/\D/g, "")
    .replace(/^0+|0+$/g, "");
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

const batchGet = z.looseObject({
  RequestItems: z.record(
    z.string(),
    z.looseObject({ Keys: z.array(z.unknown()), ConsistentRead: z.boolean().default(false) }),
  ),
});
const batchGot = z.looseObject({
  Responses: z.record(z.string(), z.array(item)).default({}),
  UnprocessedKeys: z.record(z.string(), z.looseObject({ Keys: z.array(z.unknown()) })).default({}),
});

/**
 * Read units of a BatchGetItem by table, which the emulator does not tell: each item for itself in parts of 4 KB, half
 * where read eventually; a key that holds nothing costs as much as the smallest item.
 */
export function batchGetUnits(request: string, answer: string): Readonly<Record<string, number>> {
  const { RequestItems: asked } = batchGet.parse(JSON.parse(request));
  const { Responses: got, UnprocessedKeys: left } = batchGot.parse(JSON.parse(answer));
  return Object.fromEntries(
    Object.entries(asked).map(([table, { Keys: keys, ConsistentRead: consistent }]) => {
      const items = got[table] ?? [];
      const answered = keys.length - (left[table]?.Keys.length ?? 0);
      const units = items.reduce(
        (sum, one) => sum + Math.max(1, Math.ceil(itemBytes(one) / READ_UNIT_BYTES)),
        0,
      );
      return [table, (units + answered - items.length) * (consistent ? 1 : 0.5)];
    }),
  );
}
