/** Merges sources that each fall by `keyOf` into one that falls; holds one item of each. */
export async function* mergeDescending<T>(
  sources: readonly AsyncIterator<T>[],
  keyOf: (item: T) => string,
): AsyncGenerator<T> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })));
  for (;;) {
    let largest: (typeof heads)[number] | undefined;
    for (const candidate of heads) {
      if (candidate.head.done) continue;
      if (
        largest === undefined ||
        largest.head.done ||
        keyOf(candidate.head.value) > keyOf(largest.head.value)
      )
        largest = candidate;
    }
    if (largest === undefined || largest.head.done) return;
    yield largest.head.value;
    largest.head = await largest.source.next();
  }
}
