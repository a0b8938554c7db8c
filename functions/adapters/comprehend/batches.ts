import { inGroups } from "../../core/domain/batches.ts";

/** What Comprehend takes in one batch call. */
const MAX_BATCH = 25;
/** What Comprehend takes in one document of a batch, UTF-8. */
export const MAX_BYTES = 5_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The beginning of a text that fits in so many bytes of UTF-8, cut between characters. */
export function truncateUtf8(text: string, maxBytes: number): string {
  const bytes = encoder.encode(text.slice(0, maxBytes + 1));
  if (bytes.length <= maxBytes) return decoder.decode(bytes);
  let end = maxBytes;
  // Continuation bytes are 10xxxxxx: a character begins before them.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return decoder.decode(bytes.subarray(0, end));
}

export const inBatches = <T>(items: readonly T[]): T[][] => inGroups(items, MAX_BATCH);
