import type { RowKey } from "./message.ts";

/** Orders keys by the UTF-8 bytes of user id, then sort key: the order of the stores, not of JavaScript's strings. */
export const compareKeys = (a: RowKey, b: RowKey): number =>
  compareUtf8(a.user_id, b.user_id) || compareUtf8(a.sort_key, b.sort_key);

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

/** What two ordered sources hold under one key. */
export interface Pair<A, B> {
  readonly left?: A;
  readonly right?: B;
}

/** Walks two sources, each in the order of `compareKeys`, side by side; holds one item of each. */
export async function* pairByKey<A extends RowKey, B extends RowKey>(
  left: AsyncIterable<A>,
  right: AsyncIterable<B>,
): AsyncGenerator<Pair<A, B>> {
  const [lefts, rights] = [left[Symbol.asyncIterator](), right[Symbol.asyncIterator]()];
  let [a, b] = await Promise.all([lefts.next(), rights.next()]);
  while (!a.done || !b.done) {
    const order = a.done ? 1 : b.done ? -1 : compareKeys(a.value, b.value);
    yield {
      ...(order <= 0 && !a.done && { left: a.value }),
      ...(order >= 0 && !b.done && { right: b.value }),
    };
    if (order <= 0) a = await lefts.next();
    if (order >= 0) b = await rights.next();
  }
}
