import type { LakeRow } from "./lake-row.ts";

/** What names a row in the lake, in the order that it is sorted by. */
export type LakeKey = Pick<LakeRow, "user_id" | "timestamp" | "message_id">;

/** The order of the lake: UTF-8 bytes of the user id, time, UTF-8 bytes of the message id. Allocates nothing. */
export const compareLakeKeys = (a: LakeKey, b: LakeKey): number =>
  compareUtf8(a.user_id, b.user_id) || a.timestamp - b.timestamp || compareUtf8(a.message_id, b.message_id);

/** Which of two rows under one key is the later state: generation, then revision. */
export const compareStates = (
  a: Pick<LakeRow, "generation" | "revision">,
  b: Pick<LakeRow, "generation" | "revision">,
): number => compareIntegers(a.generation, b.generation) || compareIntegers(a.revision, b.revision);

const compareIntegers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Orders texts as their UTF-8 bytes are ordered, which is by code point. JavaScript's own `<` goes by UTF-16 units: it
 * puts what lies beyond U+FFFF, such as emoji, before U+E000 to U+FFFF.
 */
export function compareUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [left, right] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (left !== right) return rankOf(left) - rankOf(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
const rankOf = (unit: number): number =>
  unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x0800;
