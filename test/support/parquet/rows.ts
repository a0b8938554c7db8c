import type { LakeRow, LakeValue } from "../../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import type { RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";
import { aStoredMessage, later } from "../builders.ts";

const DAY_MS = 86_400_000;

/** A row of the lake; columns that follow from others are set from them. */
export function aLakeRow(over: Partial<LakeRow> = {}): LakeRow {
  const row = lakeRowOf(aStoredMessage());
  const timestamp = over.timestamp ?? row.timestamp;
  return { ...row, utc_day: Math.floor(timestamp / DAY_MS), ...over } as LakeRow;
}

/** Rows in the lake's order: so many messages of a person, a second apart, one person after another. */
export async function* manyRows(count: number, each = 10): AsyncGenerator<LakeRow> {
  for (let index = 0; index < count; index++) {
    const user_id = `web:${String(Math.floor(index / each)).padStart(8, "0")}`;
    const timestamp = later(1_000 * (index % each));
    yield lakeRowOf(
      aStoredMessage({ user_id, message_id: `m-${index}`, timestamp, content: `text ${index}` }),
    );
  }
}

/** What readers and writers get wrong, a row each, in the lake's order (UTF-8, not UTF-16). */
export const awkwardRows: readonly LakeRow[] = [
  aLakeRow({ user_id: "a:0", content: "", message_id: "a", timestamp: 0 }),
  aLakeRow({ user_id: "a:0", content: "\ufeffa byte order mark first", message_id: "b", timestamp: 0 }),
  aLakeRow({ user_id: "a:0", content: "NUL \u0000 within", timestamp: 1 }),
  aLakeRow({ user_id: "a:0", content: "👩‍👩‍👧‍👦 🇪🇸 e\u0301 \u{10ffff} \uffff \u202e", timestamp: 2 }),
  aLakeRow({ user_id: "a:0", content: `"quoted", \\, \r\n\t 'x'; -- ${"ñ".repeat(70_000)}`, timestamp: 3 }),
  aLakeRow({ user_id: "b:1", sentiment_score: Number.NaN, confidence_score: -0 }),
  aLakeRow({ user_id: "b:2", sentiment_score: 5e-324, confidence_score: Number.MAX_VALUE }),
  aLakeRow({
    user_id: "b:3",
    sentiment_score: Number.NEGATIVE_INFINITY,
    confidence_score: Number.POSITIVE_INFINITY,
  }),
  aLakeRow({ user_id: "b:4", sentiment_score: 0.1 + 0.2, confidence_score: 0 }),
  aLakeRow({ user_id: "c:1", tokens_used: 2n ** 53n + 1n, processing_time_ms: 2n ** 63n - 1n }),
  aLakeRow({ user_id: "c:2", tokens_used: -(2n ** 63n), processing_time_ms: 0n, position: -1n }),
  aLakeRow({ user_id: "d:1", timestamp: Date.parse("1969-12-31T23:59:59.999Z") }),
  aLakeRow({ user_id: "d:1", timestamp: Date.parse("1970-01-01T00:00:00.000Z") }),
  aLakeRow({ user_id: "d:1", timestamp: Date.parse("2026-11-20T23:59:59.999Z") }),
  aLakeRow({ user_id: "d:1", timestamp: Date.parse("9999-12-31T23:59:59.999Z"), edited_at: 1 }),
  aLakeRow({
    user_id: "e:1",
    escalation_triggered: true,
    deleted: true,
    metadata_other: '{"a":[1,null,"ñ"]}',
    tool_calls: '[{"tool":"t","args":{"q":"🙂"},"result":null}]',
    media: "{}",
    extra: '{"":""}',
    ai_model_used: "a-model",
    platform_message_id: "wamid.==",
    reply_to: "m-0",
    sentiment: "mixed",
    intent: "intención",
    language: "es-MX",
    revision: 7n,
    generation: 3n,
  }),
  // In UTF-16 the emoji, a surrogate pair, would come first.
  aLakeRow({ user_id: "web:\ufb01" }),
  aLakeRow({ user_id: "web:\u{1f642}" }),
];

/** An iterable of what there is, as ports take it. */
export async function* stream<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A file in memory, from the chunks that a sink was given. */
export function fileOf(...chunks: readonly Uint8Array[]): RandomAccessFile & { readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(Buffer.concat(chunks));
  return {
    bytes,
    byteLength: bytes.byteLength,
    slice: async (start, end) => bytes.slice(start, end).buffer,
  };
}

/** Writes to memory. */
export async function writtenBy(
  write: (sink: (chunk: Uint8Array) => Promise<void>) => Promise<number>,
): Promise<ReturnType<typeof fileOf> & { readonly rows: number }> {
  const chunks: Uint8Array[] = [];
  const rows = await write(async (chunk) => void chunks.push(chunk));
  return { ...fileOf(...chunks), rows };
}

/** A value so that equal texts are equal values to the bit, whichever program read it. */
export function exact(value: LakeValue): string | boolean | null {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  if (typeof value !== "number") return typeof value === "bigint" ? String(value) : value;
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString("hex");
}

/** A row of the lake so that it can be compared to the bit: numbers of times and days as decimals. */
export const exactRow = (row: LakeRow): Record<string, string | boolean | null> =>
  Object.fromEntries(
    MESSAGES.columns.map(({ name, type }) => {
      const value = row[name] ?? null;
      return [
        name,
        (type === "timestamp" || type === "date") && value !== null ? String(value) : exact(value),
      ];
    }),
  );
