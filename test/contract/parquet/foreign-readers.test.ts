import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLakeRowFiles, type LakeWriter } from "../../../functions/adapters/parquet/lake-row-files.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { type LakeType, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { readLocalConfig } from "../../../local/config.ts";
import { sparkPython } from "../../../local/engines/spark.ts";
import {
  awkwardRows,
  collect,
  exactRow,
  fileOf,
  manyRows,
  stream,
  writtenBy,
} from "../../support/parquet/rows.ts";
import { type OtherReader, readWithDuckdb, readWithPyarrow, rewriteWithDuckdb } from "./foreign-readers.ts";

const folder = mkdtempSync(join(tmpdir(), "hilo-parquet-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What each reader calls the types of the schema. */
const TYPES: Readonly<Record<string, Readonly<Record<LakeType, string>>>> = {
  DuckDB: {
    string: "VARCHAR",
    json: "VARCHAR",
    bigint: "BIGINT",
    double: "DOUBLE",
    boolean: "BOOLEAN",
    timestamp: "TIMESTAMP WITH TIME ZONE",
    date: "DATE",
  },
  pyarrow: {
    string: "string",
    json: "string",
    bigint: "int64",
    double: "double",
    boolean: "bool",
    timestamp: "timestamp[ms, tz=UTC]",
    date: "date32[day]",
  },
};

/** DuckDB's dictionaries take 0 for -0. */
const withoutSignOfZero = (row: LakeRow): LakeRow =>
  row["confidence_score"] === 0 ? { ...row, confidence_score: 0 } : row;

const readers: readonly [string, OtherReader][] = [
  ["DuckDB", readWithDuckdb],
  ["pyarrow", readWithPyarrow(sparkPython(readLocalConfig()))],
];

describe.each<LakeWriter>(["hyparquet", "parquetjs"])("files of %s", (writer) => {
  const paths = { awkward: "", empty: "", many: "" };
  const many: LakeRow[] = [];
  beforeAll(async () => {
    many.push(...(await collect(manyRows(10_001, 400))));
    const contents = { awkward: awkwardRows, empty: [], many };
    for (const [name, rows] of Object.entries(contents)) {
      const file = await writtenBy((sink) => createLakeRowFiles(writer).write(stream(rows), sink));
      paths[name as keyof typeof paths] = join(folder, `${writer}-${name}.parquet`);
      writeFileSync(paths[name as keyof typeof paths], file.bytes);
    }
  });

  describe.each(readers)("%s", (reader, read) => {
    it("sees the schema's types in a file without rows", async () => {
      const { types, rows } = await read(paths.empty);
      // parquetjs-lite knows the old annotation only, which leaves open whether a time is UTC; DuckDB then says none.
      const isVague = writer === "parquetjs" && reader === "DuckDB";
      const words = { ...TYPES[reader], ...(isVague && { timestamp: "TIMESTAMP" }) };
      const hasNulls = reader === "pyarrow";
      const expected = MESSAGES.columns.map(({ name, type, nullable }) => [
        name,
        `${words[type]}${hasNulls && !nullable ? " not null" : ""}`,
      ]);
      expect(types).toEqual(Object.fromEntries(expected));
      expect(rows).toEqual([]);
    });

    it("reads every value to the bit", async () => {
      expect((await read(paths.awkward)).rows).toEqual(awkwardRows.map(exactRow));
    });

    it("finds each person by a filter, whatever characters the id has", async () => {
      const users = [...new Set(awkwardRows.map(({ user_id }) => user_id))];
      // Rows are sorted by person, so one after the other they are all the rows.
      expect((await read(paths.awkward, ...users)).rows).toEqual(awkwardRows.map(exactRow));
    });

    it("reads more than one row group, and filters across them", async () => {
      expect((await read(paths.many)).rows).toEqual(many.map(exactRow));
      const last = many.at(-1)?.user_id ?? "";
      const expected = many.filter(({ user_id }) => user_id === last);
      expect(expected.length).toBe(1);
      expect((await read(paths.many, last)).rows).toEqual(expected.map(exactRow));
    });
  });

  it.each(["zstd", "snappy"])("are read as before after DuckDB rewrote them with %s", async (codec) => {
    const rewritten = join(folder, `${writer}-${codec}.parquet`);
    await rewriteWithDuckdb(paths.awkward, rewritten, codec);
    const rows = await collect(createLakeRowFiles(writer).read(fileOf(readFileSync(rewritten))));
    expect(rows.map(withoutSignOfZero).map(exactRow)).toEqual(
      awkwardRows.map(withoutSignOfZero).map(exactRow),
    );
  });
});
