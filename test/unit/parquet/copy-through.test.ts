import { randomBytes } from "node:crypto";
import { parquetMetadata } from "hyparquet";
import { describe, expect, it } from "vitest";
import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";
import { bytesAndPages, groupsOf } from "../../contract/parquet/raw-pages.ts";
import {
  canaryOf,
  expectedOf,
  inSmallGroups,
  removalScene,
  remove,
} from "../../contract/parquet/removal-scenes.ts";
import {
  aLakeRow,
  collect,
  exactRow,
  fileOf,
  manyRows,
  stream,
  writtenBy,
} from "../../support/parquet/rows.ts";

const removal = createMessageRowRemoval();
const files = createLakeRowFiles("hyparquet");
const person = (user_id: string) => ({ user_id, generation: 1 });
const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1);

/** Rows of people, so many each, in groups of ten; each person's name says which. */
const people = (count: number, each: number): LakeRow[] =>
  Array.from({ length: count * each }, (_, index) =>
    aLakeRow({ user_id: `web:${String(Math.floor(index / each)).padStart(3, "0")}`, timestamp: index }),
  );

describe("a file of which groups are copied", () => {
  it.each(SEEDS)("holds no byte of who was removed, and every byte of others (scene %i)", async (seed) => {
    const scene = removalScene(seed);
    const { left, gone } = expectedOf(scene);
    const { file } = await remove(removal, await inSmallGroups(scene.rows, scene.groupRows), scene.people);
    const bytes = bytesAndPages(file.bytes);
    expect(gone.filter((row) => bytes.includes(canaryOf(row)))).toEqual([]);
    expect(left.filter((row) => !bytes.includes(canaryOf(row)))).toEqual([]);
    const others = left.map(({ user_id }) => user_id);
    const goneWhole = gone.filter(({ user_id }) => !others.some((other) => other.includes(user_id)));
    expect(goneWhole.filter(({ user_id }) => bytes.includes(user_id))).toEqual([]);
  });

  it.each(SEEDS)("has each group that held nobody of them byte for byte (scene %i)", async (seed) => {
    const scene = removalScene(seed);
    const gone = new Set(expectedOf(scene).gone);
    const old = await inSmallGroups(scene.rows, scene.groupRows);
    const result = await remove(removal, old, scene.people);
    const before = groupsOf(old.bytes).map((bytes, index) => {
      const rows = scene.rows.slice(index * scene.groupRows, (index + 1) * scene.groupRows);
      const left = rows.filter((row) => !gone.has(row)).length;
      return { bytes, fate: left === rows.length ? "copied" : left > 0 ? "encoded" : "dropped" };
    });
    const after = groupsOf(result.file.bytes);
    for (const { bytes, fate } of before.filter(({ fate: one }) => one !== "dropped")) {
      const next = after.shift() ?? new Uint8Array();
      expect(Buffer.from(next).equals(bytes)).toBe(fate === "copied");
    }
    expect(after).toEqual([]);
    const of = (fate: string) => before.filter((group) => group.fate === fate);
    expect(result).toMatchObject({
      copied: of("copied").length,
      encoded: of("encoded").length,
      dropped: of("dropped").length,
      copiedBytes: of("copied").reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
    });
    const all = groupsOf(result.file.bytes).reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(result.encodedBytes).toBe(all - result.copiedBytes);
  });

  it.each(SEEDS)(
    "is what the writer would have written of the rows that are left (scene %i)",
    async (seed) => {
      const scene = removalScene(seed);
      const { left } = expectedOf(scene);
      const { file } = await remove(removal, await inSmallGroups(scene.rows, scene.groupRows), scene.people);
      const metadata = parquetMetadata(file.bytes);
      const { row_groups: _, num_rows, metadata_length: __, ...about } = metadata;
      const {
        row_groups: ___,
        num_rows: ____,
        metadata_length: _____,
        ...expected
      } = parquetMetadata((await inSmallGroups(left, 10)).bytes);
      expect([about, num_rows]).toEqual([expected, BigInt(left.length)]);
      let from = 0;
      for (const { num_rows: rows, sorting_columns, columns } of metadata.row_groups) {
        const own = left.slice(from, from + Number(rows));
        from += Number(rows);
        const [group] = parquetMetadata((await inSmallGroups(own, own.length)).bytes).row_groups;
        expect(sorting_columns).toEqual(group?.sorting_columns);
        for (const { file_offset, meta_data } of columns)
          expect(file_offset).toBe(meta_data?.dictionary_page_offset ?? meta_data?.data_page_offset);
        expect(columns.map(({ meta_data }) => meta_data?.statistics)).toEqual(
          group?.columns.map(({ meta_data }) => meta_data?.statistics),
        );
      }
    },
  );

  it("is the same to the byte where nobody was found", async () => {
    const old = await inSmallGroups(people(9, 5), 10);
    for (const user of ["web:", "web:0045", "whatsapp:+1", "\u{10ffff}"]) {
      const { file, copied, encoded } = await remove(removal, old, [person(user)]);
      expect(Buffer.from(file.bytes).equals(old.bytes)).toBe(true);
      expect([copied, encoded]).toEqual([5, 0]);
    }
  });

  it.each<[string, string[], { copied: number; encoded: number; dropped: number }]>([
    ["the first", ["web:000"], { copied: 4, encoded: 1, dropped: 0 }],
    ["the last", ["web:009"], { copied: 4, encoded: 1, dropped: 0 }],
    ["both of a group", ["web:004", "web:005"], { copied: 4, encoded: 0, dropped: 1 }],
    ["one of each of two", ["web:001", "web:002"], { copied: 3, encoded: 2, dropped: 0 }],
    ["everybody", people(10, 1).map(({ user_id }) => user_id), { copied: 0, encoded: 0, dropped: 5 }],
  ])("touches no more groups than it must: %s", async (_, users, expected) => {
    const rows = people(10, 5);
    const result = await remove(removal, await inSmallGroups(rows, 10), users.map(person));
    expect(result).toMatchObject(expected);
    expect(await collect(files.read(result.file))).toEqual(
      rows.filter(({ user_id }) => !users.includes(user_id)),
    );
  });

  it("loses a person whose rows lie in three groups", async () => {
    const rows = [...people(1, 5), ...people(2, 23).slice(23), ...people(3, 2).slice(4)];
    const result = await remove(removal, await inSmallGroups(rows, 10), [person("web:001")]);
    expect(result).toMatchObject({ copied: 0, encoded: 2, dropped: 1, rows: 7 });
  });

  it("loses thousands of people at once", async () => {
    const rows = await collect(manyRows(20_001, 5));
    const gone = rows.filter((_, index) => index % 3 === 0).map(({ user_id }) => user_id);
    const result = await remove(
      removal,
      await writtenBy((sink) => files.write(stream(rows), sink)),
      gone.map(person),
    );
    const users = new Set(gone);
    expect(users.size).toBeGreaterThan(3_000);
    expect(result.removed.size).toBe(users.size);
    const left = rows.filter(({ user_id }) => !users.has(user_id));
    expect((await collect(files.read(result.file))).map(exactRow)).toEqual(left.map(exactRow));
  });
});

describe("what a removal reads", () => {
  /** A file that says what was asked of it. */
  function watched(file: RandomAccessFile) {
    const asked: { start: number; end: number }[] = [];
    const slice = (start: number, end = file.byteLength) => {
      asked.push({ start, end });
      return file.slice(start, end);
    };
    return { asked, file: { byteLength: file.byteLength, slice } };
  }

  it("is little at once, however large the file", async () => {
    // Texts that do not compress, so that a group is some megabytes and more than one page.
    const random = (): string => randomBytes(500_000).toString("base64");
    const rows = people(8, 3).map((row) => ({ ...row, content: random() }));
    const old = await inSmallGroups(rows, 6);
    const [group] = groupsOf(old.bytes);
    expect(group?.byteLength).toBeGreaterThan(2_900_000);
    const { asked, file } = watched(old);
    const result = await remove(removal, file, [person("web:007")]);
    expect(await collect(files.read(result.file))).toEqual(rows.slice(0, -3));
    expect(result).toMatchObject({ copied: 3, encoded: 1 });
    // The footer, three groups of two pieces, the last one whole, and all indexes at once.
    expect(asked.length).toBe(1 + 3 * 2 + 1 + 1);
    const copied = asked.filter(({ end }) => end < old.byteLength - (group?.byteLength ?? 0) - 100_000);
    expect(Math.max(...copied.map(({ start, end }) => end - start))).toBeLessThanOrEqual(2 * 1024 * 1024);
  });

  it("is, to count, the ids in the groups that can hold somebody", async () => {
    const old = await inSmallGroups(people(100, 10), 100);
    const { asked, file } = watched(old);
    expect(await removal.count(file, [person("web:015"), person("nobody")])).toEqual(
      new Map([["web:015", { rows: 10, staying: 0 }]]),
    );
    // The footer, and two columns of one group.
    expect(asked.length).toBe(3);
    expect(asked.slice(1).reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThan(1_000);
  });

  it("leaves nothing of the file's own in the chunks that the sink keeps", async () => {
    const old = await inSmallGroups(people(10, 5), 10);
    const chunks: Uint8Array[] = [];
    const kept: Buffer[] = [];
    await removal.remove(
      old,
      [person("web:005")],
      async (chunk) => {
        chunks.push(chunk);
        kept.push(Buffer.from(chunk));
      },
      () => undefined,
    );
    expect(chunks.map((chunk) => Buffer.from(chunk))).toEqual(kept);
    expect((await collect(files.read(fileOf(...chunks)))).length).toBe(45);
  });
});
