import type { RowKey } from "./message.ts";

/** Orders keys by the UTF-8 bytes of user id, then sort key: the order of the stores, not of JavaScript's strings. */
export const compareKeys = (a: RowKey, b: RowKey): number =>
  (a.user_id === b.user_id ? 0 : Buffer.compare(Buffer.from(a.user_id), Buffer.from(b.user_id))) ||
  Buffer.compare(Buffer.from(a.sort_key), Buffer.from(b.sort_key));

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
