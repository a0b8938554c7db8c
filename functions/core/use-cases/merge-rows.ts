import { PermanentError } from "../domain/errors.ts";
import { compareLakeKeys, compareStates } from "../domain/lake-order.ts";
import type { LakeRow } from "../domain/lake-row.ts";

/** How a row stands to the object that is replaced. */
export type RowChange = "added" | "updated" | "kept";

/** Rows that follow one another in the lake's order, and what became of each. */
export interface MergedPage {
  readonly rows: readonly LakeRow[];
  readonly changes: readonly RowChange[];
}

const PAGE_ROWS = 1_000;

/**
 * Merges streams that are each in the lake's order into one that is, page after page; holds two pages a stream. Per
 * key the higher generation and revision wins, of equal ones the newer source. What is in one stream only stays: that
 * a row is absent elsewhere never means that it was deleted.
 * @param old rows of the object that is replaced @param fresh streams of what it is brought up to
 * @throws PermanentError when a stream is not in order
 */
export async function* mergeRows(
  old: AsyncIterable<readonly LakeRow[]>,
  fresh: readonly AsyncIterable<readonly LakeRow[]>[],
): AsyncGenerator<MergedPage> {
  const cursors = [old, ...fresh].map((stream, index) => new Cursor(stream, index === 0));
  try {
    const begun = await Promise.all(cursors.map((cursor) => cursor.begin()));
    const heap = new Heap(cursors.filter((_, index) => begun[index]));
    let page = new PageBuilder();
    for (let first = heap.top; first; first = heap.top) {
      const group = new Group();
      for (let next: Cursor | undefined = first; next; next = heap.top) {
        if (!group.takes(next.row)) break;
        group.add(next.row, next.isOld);
        // Awaits only where a page ends: a promise a row would cost more than the merge.
        if (next.advance() || (await next.turnPage())) heap.topMoved();
        else heap.removeTop();
      }
      page.add(group);
      if (page.rows.length === PAGE_ROWS) {
        yield page;
        page = new PageBuilder(page);
      }
    }
    if (page.rows.length > 0) yield page;
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

/** One stream's next row, and the page after this one on its way. */
class Cursor {
  readonly isOld: boolean;
  readonly #pages: AsyncIterator<readonly LakeRow[]>;
  #next: Promise<IteratorResult<readonly LakeRow[]>> | undefined;
  #page: readonly LakeRow[] = [];
  #index = 0;

  constructor(stream: AsyncIterable<readonly LakeRow[]>, isOld: boolean) {
    this.isOld = isOld;
    this.#pages = stream[Symbol.asyncIterator]();
  }

  get row(): LakeRow {
    return this.#page[this.#index] as LakeRow;
  }

  begin(): Promise<boolean> {
    this.#prefetch();
    return this.turnPage();
  }

  /** Goes to the page's next row; false where it has none. */
  advance(): boolean {
    this.#index += 1;
    return this.#index < this.#page.length;
  }

  /** Goes to the first row of the next page that has any; false at the end. */
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

/** The rows under one key: the winner, and the state in the old object. */
class Group {
  #winner: LakeRow | undefined;
  #old: LakeRow | undefined;

  takes(row: LakeRow): boolean {
    return this.#winner === undefined || compareLakeKeys(this.#winner, row) === 0;
  }

  add(row: LakeRow, isOld: boolean): void {
    if (isOld) this.#old = row;
    const order = this.#winner === undefined ? 1 : compareStates(row, this.#winner);
    if (order > 0 || (order === 0 && !isOld)) this.#winner = row;
  }

  get winner(): LakeRow {
    return this.#winner as LakeRow;
  }

  get change(): RowChange {
    if (this.#old === undefined) return "added";
    return compareStates(this.winner, this.#old) > 0 ? "updated" : "kept";
  }
}

class PageBuilder implements MergedPage {
  readonly rows: LakeRow[] = [];
  readonly changes: RowChange[] = [];
  #last: LakeRow | undefined;

  constructor(before?: PageBuilder) {
    this.#last = before?.rows.at(-1);
  }

  add(group: Group): void {
    const row = group.winner;
    if (this.#last && compareLakeKeys(this.#last, row) >= 0) {
      throw new PermanentError(
        "lake: rows to merge are not in the lake's order: user id (UTF-8 bytes), time, message",
      );
    }
    this.#last = row;
    this.rows.push(row);
    this.changes.push(group.change);
  }
}

/** Binary heap of cursors, the least row on top; the old object first among equals. */
class Heap {
  readonly #cursors: Cursor[];

  constructor(cursors: readonly Cursor[]) {
    this.#cursors = [...cursors];
    for (let index = (this.#cursors.length >> 1) - 1; index >= 0; index--) this.#sink(index);
  }

  get top(): Cursor | undefined {
    return this.#cursors[0];
  }

  topMoved(): void {
    this.#sink(0);
  }

  removeTop(): void {
    const last = this.#cursors.pop();
    if (last === undefined || this.#cursors.length === 0) return;
    this.#cursors[0] = last;
    this.#sink(0);
  }

  #sink(from: number): void {
    const cursors = this.#cursors;
    for (let index = from; ; ) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < cursors.length && isBefore(cursors[child] as Cursor, cursors[least] as Cursor))
          least = child;
      }
      if (least === index) return;
      [cursors[index], cursors[least]] = [cursors[least] as Cursor, cursors[index] as Cursor];
      index = least;
    }
  }
}

const isBefore = (a: Cursor, b: Cursor): boolean => compareLakeKeys(a.row, b.row) < 0;
