import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import { PermanentError } from "../../../functions/core/domain/errors.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { readLocalConfig } from "../../../local/config.ts";
import { sparkPython } from "../../../local/engines/spark.ts";
import { collect, exactRow, fileOf } from "../../support/parquet/rows.ts";
import {
  type OtherReader,
  readWithDuckdb,
  readWithPyarrow,
  rewriteWithDuckdb,
  rewriteWithPyarrow,
} from "./foreign-readers.ts";
import { indexedFile } from "./indexed-file.ts";
import { bytesAndPages } from "./raw-pages.ts";
import { canaryOf, expectedOf, inSmallGroups, removalScene, remove } from "./removal-scenes.ts";

const removal = createMessageRowRemoval();
const files = createLakeRowFiles("hyparquet");
const python = sparkPython(readLocalConfig());
const folder = mkdtempSync(join(tmpdir(), "hilo-removal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const usersOf = (rows: readonly LakeRow[]): string[] => [...new Set(rows.map(({ user_id }) => user_id))];
const readers: readonly [string, OtherReader][] = [
  ["DuckDB", readWithDuckdb],
  ["pyarrow", readWithPyarrow(python)],
];

describe.each([
  ["with groups copied and groups encoded anew", 6, inSmallGroups],
  ["with indexes of pages and Bloom filters", 25, (rows, each) => indexedFile(MESSAGES, rows, each)],
  ["without rows", 5, inSmallGroups],
] as [string, number, typeof inSmallGroups][])("a file that lost people, %s", (what, seed, write) => {
  const scene = removalScene(seed);
  const { left, gone } = expectedOf(scene);

  it.each(readers)("is read by %s, whole and by person", async (reader, read) => {
    const result = await remove(removal, await write(scene.rows, scene.groupRows), scene.people);
    if (left.length > 0) {
      expect(result.copied).toBeGreaterThan(0);
      expect(result.encoded).toBeGreaterThan(0);
    }
    const path = join(folder, `${reader}-${seed}-${what.length}.parquet`);
    writeFileSync(path, result.file.bytes);
    expect((await read(path)).rows).toEqual(left.map(exactRow));
    const users = usersOf(scene.rows);
    expect(usersOf(gone).length).toBeGreaterThan(2);
    // Rows are sorted by person, so one after the other they are all the rows that are left.
    expect((await read(path, ...users)).rows).toEqual(left.map(exactRow));
  });
});

describe("a file that another program wrote", () => {
  const scene = removalScene(2);
  const { left, gone } = expectedOf(scene);
  const source = join(folder, "source.parquet");
  const duckdb = (codec: string) => (to: string) => rewriteWithDuckdb(source, to, codec);
  const pyarrow = (codec: string) => (to: string) => rewriteWithPyarrow(python, source, to, codec);

  it.each<[string, (to: string) => Promise<void>]>([
    ["DuckDB, zstd", duckdb("zstd")],
    ["DuckDB, snappy", duckdb("snappy")],
    ["DuckDB, gzip", duckdb("gzip")],
    ["DuckDB, brotli", duckdb("brotli")],
    ["pyarrow, snappy", pyarrow("snappy")],
    ["pyarrow, gzip", pyarrow("gzip")],
    ["pyarrow, none", pyarrow("none")],
  ])("loses people: %s", async (_, rewrite) => {
    writeFileSync(source, (await inSmallGroups(scene.rows, scene.groupRows)).bytes);
    const path = join(folder, "foreign.parquet");
    await rewrite(path);
    const foreign = fileOf(readFileSync(path));
    const read = await collect(files.read(foreign));
    expect(read.length).toBe(scene.rows.length);
    const said = Buffer.concat(await collect(removal.contents(foreign)));
    expect(scene.rows.filter((row) => !said.includes(canaryOf(row)))).toEqual([]);
    const expected = read.filter((row) => left.some(({ message_id }) => message_id === row.message_id));
    const result = await remove(removal, foreign, scene.people);
    expect(result).toMatchObject({ copied: 0, rows: left.length });
    expect((await collect(files.read(result.file))).map(exactRow)).toEqual(expected.map(exactRow));
    const bytes = bytesAndPages(result.file.bytes);
    expect(gone.filter((row) => bytes.includes(canaryOf(row)))).toEqual([]);
    expect(left.filter((row) => !bytes.includes(canaryOf(row)))).toEqual([]);
    // Once it is this program's own, its groups can be copied.
    expect((await remove(removal, result.file, [])).copied).toBeGreaterThan(0);
  });

  it("is refused where nothing here decompresses it", async () => {
    const path = join(folder, "lz4.parquet");
    await pyarrow("lz4")(path);
    await expect(remove(removal, fileOf(readFileSync(path)), scene.people)).rejects.toThrow(PermanentError);
  });
});
