import { PermanentError } from "../domain/errors.ts";
import { compareLakeKeys, compareStates } from "../domain/lake-order.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import { mergeSorted } from "./merge-sorted.ts";

/** How a row stands to the object that is replaced. */
export type RowChange = "added" | "updated" | "kept";

/** Rows that follow one another in the lake's order, and what became of each. */
export interface MergedPage {
  readonly rows: LakeRow[];
  readonly changes: RowChange[];
}

/**
 * Merges streams that are each in the lake's order into one that is, page after page. Per key the higher generation and
 * revision wins, of equal ones the fresh one. What is in one stream only stays: that a row is absent elsewhere never
 * means that it was deleted.
 * @param old rows of the object that is replaced @param fresh streams of what it is brought up to
 * @throws PermanentError when a stream is not in order
 */
export async function* mergeRows(
  old: AsyncIterable<readonly LakeRow[]>,
  fresh: readonly AsyncIterable<readonly LakeRow[]>[],
): AsyncGenerator<MergedPage> {
  let winner: LakeRow | undefined;
  let before: LakeRow | undefined;
  for await (const items of mergeSorted([old, ...fresh], compareLakeKeys)) {
    const page: MergedPage = { rows: [], changes: [] };
    for (const { item: row, stream } of items) {
      const order = winner === undefined ? -1 : compareLakeKeys(winner, row);
      if (order > 0) {
        throw new PermanentError(
          "lake: rows to merge are not in the lake's order: user id (UTF-8 bytes), time, message",
        );
      }
      if (winner === undefined || order < 0) {
        if (winner) add(page, winner, before);
        winner = row;
        before = stream === 0 ? row : undefined;
        continue;
      }
      // The old object comes first among equals, so what is equal to it here is fresh.
      if (compareStates(row, winner) >= 0) winner = row;
    }
    yield page;
  }
  if (winner) {
    const page: MergedPage = { rows: [], changes: [] };
    add(page, winner, before);
    yield page;
  }
}

function add(page: MergedPage, winner: LakeRow, before: LakeRow | undefined): void {
  page.rows.push(winner);
  page.changes.push(before === undefined ? "added" : compareStates(winner, before) > 0 ? "updated" : "kept");
}
