import type { LakeRowsHash } from "../domain/lake-hash.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import type { LakeSideFile } from "../ports/lake-side-file.ts";
import type { FenceFilter } from "./export-fence.ts";
import type { PeopleIndexer } from "./index-users.ts";
import type { MergedPage, RowChange } from "./merge-rows.ts";

/** What happened to the rows of an export. */
export interface ExportCounts extends Record<RowChange, number> {
  fenced: number;
}

/** Pages without the rows of an erased past; while one is used, the next one's people are looked up. */
export async function* livePages(
  pages: AsyncIterator<MergedPage>,
  fences: FenceFilter,
  counts: ExportCounts,
): AsyncGenerator<LakeRow[]> {
  const next = async (): Promise<LakeRow[] | undefined> => {
    const page = await pages.next();
    if (page.done) return undefined;
    const { rows, changes } = page.value;
    const isLive = await fences.isLive(rows);
    for (const [index, change] of changes.entries()) counts[isLive[index] ? change : "fenced"] += 1;
    return rows.filter((_, index) => isLive[index]);
  };
  let ahead = next();
  try {
    for (let page = await ahead; page; page = await ahead) {
      ahead = next();
      // Its error is thrown where it is awaited, if it ever is.
      ahead.catch(() => undefined);
      if (page.length > 0) yield page;
    }
  } finally {
    await ahead.catch(() => undefined);
    await pages.return?.();
  }
}

/** Rows one by one, each told to the hash, to the index of objects by person and to the side file before it goes on. */
export async function* tellingRows(
  pages: AsyncIterable<LakeRow[]>,
  listeners: {
    readonly hash: LakeRowsHash;
    readonly indexer: PeopleIndexer;
    readonly sideFile?: LakeSideFile | undefined;
  },
): AsyncGenerator<LakeRow> {
  const { hash, indexer, sideFile } = listeners;
  let person = "";
  let generation = 0n;
  for await (const page of pages) {
    for (const row of page) {
      hash.add(row);
      if (row.user_id !== person || row.generation > generation) {
        ({ user_id: person, generation } = row);
        await indexer.add(person, Number(generation));
      }
      // A promise a row would cost more than most side files do.
      const busy = sideFile?.add(row);
      if (busy !== undefined) await busy;
      yield row;
    }
  }
}
