import { describe, expect, it } from "vitest";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { LakeRowFiles, RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";
import type { LakeRowRemoval } from "../../../functions/core/ports/lake-row-removal.ts";
import { collect, exactRow, type fileOf } from "../../support/parquet/rows.ts";
import { expectedOf, hashWithout, removalScene, remove } from "../parquet/removal-scenes.ts";

/** What a removal is tested with. */
export interface RemovalUnderTest {
  readonly removal: LakeRowRemoval;
  /** Reads what was written. */
  readonly files: Pick<LakeRowFiles, "read">;
  /** Makes a file; how many rows a group has may be left to the writer. */
  write(rows: readonly LakeRow[], groupRows: number): Promise<ReturnType<typeof fileOf>>;
  readonly seeds: number;
}

/** What every removal of people from lake files holds to. */
export function lakeRowRemovalSuite(name: string, { removal, files, write, seeds }: RemovalUnderTest): void {
  const read = async (file: RandomAccessFile) => (await collect(files.read(file))).map(exactRow);

  describe(`LakeRowRemoval: ${name}`, () => {
    it(`removes whom it is asked for and nothing else, in ${seeds} scenes`, async () => {
      for (let seed = 1; seed <= seeds; seed++) {
        const scene = removalScene(seed);
        const { left, gone, counts } = expectedOf(scene);
        const old = await write(scene.rows, scene.groupRows);
        const counted = await removal.count(old, scene.people);
        const result = await remove(removal, old, scene.people);
        const where = `seed ${seed}`;
        expect(counted, where).toEqual(counts);
        expect(await read(result.file), where).toEqual(left.map(exactRow));
        expect(result.goneRows.map(exactRow), where).toEqual(gone.map(exactRow));
        expect(result.rows, where).toBe(left.length);
        const went = [...counts].filter(([, { rows }]) => rows > 0);
        expect(result.removed, where).toEqual(new Map(went.map(([user, { rows }]) => [user, rows])));
        const stayed = [...counts].filter(([, { staying }]) => staying > 0).map(([user]) => user);
        expect(result.staying, where).toEqual(new Set(stayed));
        const [known, found] = [hashWithout(scene.rows, result.goneRows), hashWithout(left, [])];
        expect([known.digest(), known.rows], where).toEqual([found.digest(), found.rows]);
      }
    });

    it("finds nothing more when it is done again", async () => {
      for (let seed = 1; seed <= 8; seed++) {
        const { rows, people, groupRows } = removalScene(seed);
        const once = await remove(removal, await write(rows, groupRows), people);
        const twice = await remove(removal, once.file, people);
        expect(await read(twice.file)).toEqual(await read(once.file));
        expect([twice.removed, twice.staying, twice.goneRows]).toEqual([new Map(), once.staying, []]);
        const counted = [...(await removal.count(once.file, people)).values()];
        expect(counted.reduce((sum, { rows: found }) => sum + found, 0)).toBe(0);
      }
    });

    it("takes a file without rows, and nobody to remove", async () => {
      const empty = await write([], 1);
      const somebody = [{ user_id: "web:1", generation: 1 }];
      for (const people of [[], somebody]) {
        expect(await removal.count(empty, people)).toEqual(new Map());
        const result = await remove(removal, empty, people);
        expect([result.rows, await read(result.file)]).toEqual([0, []]);
      }
    });
  });
}
