/** An item of a merge and the position of the stream it came from. */
export interface MergedItem<T> {
  readonly item: T;
  readonly stream: number;
}

const PAGE_ITEMS = 1_000;

/**
 * Merges streams of pages, each in order, into one that is, page after page; of equal items that of the first stream
 * comes first. Holds two pages a stream: while one is used the next is on its way.
 */
export async function* mergeSorted<T>(
  streams: readonly AsyncIterable<readonly T[]>[],
  compare: (a: T, b: T) => number,
): AsyncGenerator<MergedItem<T>[]> {
  const cursors = streams.map((stream, index) => new Cursor(stream, index));
  try {
    const begun = await Promise.all(cursors.map((cursor) => cursor.begin()));
    const heap = new Heap(
      cursors.filter((_, index) => begun[index]),
      (a, b) => compare(a.item, b.item) || a.stream - b.stream,
    );
    let page: MergedItem<T>[] = [];
    for (let top = heap.top; top; top = heap.top) {
      page.push({ item: top.item, stream: top.stream });
      // Awaits only where a page ends: a promise an item would cost more than the merge.
      if (top.advance() || (await top.turnPage())) heap.topMoved();
      else heap.removeTop();
      if (page.length < PAGE_ITEMS) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

/** One stream's next item, and the page after this one on its way. */
class Cursor<T> {
  readonly stream: number;
  readonly #pages: AsyncIterator<readonly T[]>;
  #next: Promise<IteratorResult<readonly T[]>> | undefined;
  #page: readonly T[] = [];
  #index = 0;

  constructor(pages: AsyncIterable<readonly T[]>, stream: number) {
    this.stream = stream;
    this.#pages = pages[Symbol.asyncIterator]();
  }

  get item(): T {
    return this.#page[this.#index] as T;
  }

  begin(): Promise<boolean> {
    this.#prefetch();
    return this.turnPage();
  }

  /** Goes to the page's next item; false where it has none. */
  advance(): boolean {
    this.#index += 1;
    return this.#index < this.#page.length;
  }

  /** Goes to the first item of the next page that has any; false at the end. */
  async turnPage(): Promise<boolean> {
    do {
      const result = await this.#next;
      if (result === undefined || result.done) {
        this.#next = undefined;
        return false;
      }
      this.#page = result.value;
      this.#index = 0;
      this.#prefetch();
    } while (this.#page.length === 0);
    return true;
  }

  #prefetch(): void {
    this.#next = this.#pages.next();
    // Its error is thrown where it is awaited, if it ever is.
    this.#next.catch(() => undefined);
  }

  /** Lets the stream go, whatever it is about to say. */
  async close(): Promise<void> {
    await Promise.resolve(this.#pages.return?.()).catch(() => undefined);
  }
}

/** Binary heap, the least on top. */
class Heap<T> {
  readonly #held: T[];
  readonly #compare: (a: T, b: T) => number;

  constructor(items: readonly T[], compare: (a: T, b: T) => number) {
    this.#held = [...items];
    this.#compare = compare;
    for (let index = (this.#held.length >> 1) - 1; index >= 0; index--) this.#sink(index);
  }

  get top(): T | undefined {
    return this.#held[0];
  }

  topMoved(): void {
    this.#sink(0);
  }

  removeTop(): void {
    const last = this.#held.pop();
    if (last === undefined || this.#held.length === 0) return;
    this.#held[0] = last;
    this.#sink(0);
  }

  #sink(from: number): void {
    const held = this.#held;
    const moving = held[from] as T;
    let index = from;
    for (let child = 2 * index + 1; child < held.length; child = 2 * index + 1) {
      const right = child + 1;
      if (right < held.length && this.#compare(held[right] as T, held[child] as T) < 0) child = right;
      if (this.#compare(held[child] as T, moving) >= 0) break;
      held[index] = held[child] as T;
      index = child;
    }
    held[index] = moving;
  }
}
