import { parquetMetadata } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { describe, expect, it } from "vitest";
import { compressZstd } from "../../../functions/adapters/parquet/codecs.ts";
import { HYPARQUET_WRITER } from "../../../functions/adapters/parquet/hyparquet-rows.ts";
import {
  createLakeRowFiles,
  createParquetFiles,
} from "../../../functions/adapters/parquet/lake-row-files.ts";
import { fileMetadata, parquetSchemaOf } from "../../../functions/adapters/parquet/parquet-schema.ts";
import {
  createLakeRowRemoval,
  createMessageRowRemoval,
} from "../../../functions/adapters/parquet/row-removal.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { type LakeColumn, type LakeSchema, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { USER_BEHAVIOR, USER_PATTERNS } from "../../../functions/core/domain/user-tables.ts";
import { bytesAndPages } from "../../contract/parquet/raw-pages.ts";
import { remove } from "../../contract/parquet/removal-scenes.ts";
import { aLakeRow, collect, exactRow, fileOf, stream, writtenBy } from "../../support/parquet/rows.ts";

const removal = createMessageRowRemoval();
const files = createLakeRowFiles("hyparquet");
const gone = { user_id: "web:b-canary", generation: 1 };
const rows = ["a", "b-canary", "c"].flatMap((who) =>
  [1, 2].map((timestamp) => aLakeRow({ user_id: `web:${who}`, timestamp })),
);
const left = rows.filter(({ user_id }) => user_id !== gone.user_id);

type Options = Partial<ConstructorParameters<typeof ParquetWriter>[0]> & {
  readonly items?: readonly LakeRow[];
  readonly of?: LakeSchema;
  readonly hasStatistics?: boolean;
};

/** A file nearly as this program writes it. */
function nearly(
  { items = rows, of = MESSAGES, hasStatistics = true, ...options }: Options,
  change?: (made: { readonly bytes: ByteWriter; readonly file: ParquetWriter }) => void,
) {
  const bytes = new ByteWriter();
  const file = new ParquetWriter({
    writer: bytes,
    schema: parquetSchemaOf(of),
    codec: "ZSTD",
    compressors: { ZSTD: compressZstd },
    kvMetadata: fileMetadata(of),
    createdBy: HYPARQUET_WRITER,
    ...options,
  });
  const columnData = of.columns.map(({ name }) => ({
    name,
    data: items.map((row) => row[name] ?? null),
    statistics: hasStatistics,
  }));
  void file.write({ columnData, rowGroupSize: 2 });
  change?.({ bytes, file });
  void file.finish();
  return fileOf(bytes.getBytes());
}

const withColumns = (change: (columns: readonly LakeColumn[]) => readonly LakeColumn[]): LakeSchema => ({
  ...MESSAGES,
  columns: change(MESSAGES.columns),
});

describe("a file that is not as this program writes it", () => {
  it("is copied where it is", async () => {
    expect(await remove(removal, nearly({}), [gone])).toMatchObject({ copied: 2, encoded: 0, dropped: 1 });
  });

  it.each<[string, Options]>([
    ["of another program", { createdBy: "parquet-cpp-arrow version 21.0.0" }],
    ["of a later version of this one", { createdBy: "hilo version 2 (build hyparquet-writer)" }],
    ["without bounds", { hasStatistics: false }],
    [
      "with metadata of its own",
      { kvMetadata: [...fileMetadata(MESSAGES), { key: "of", value: gone.user_id }] },
    ],
    ["of another table", { kvMetadata: fileMetadata(USER_BEHAVIOR.schema) }],
    ["with other metadata under our names", { kvMetadata: [{ key: "hilo.table", value: gone.user_id }] }],
    ["out of order and of another program", { items: rows.toReversed(), createdBy: "parquet-mr" }],
  ])("is rewritten whole: %s", async (_, options) => {
    const old = nearly(options);
    const result = await remove(removal, old, [gone]);
    expect(result).toMatchObject({ rows: 4, copied: 0, encoded: 3, copiedBytes: 0 });
    expect(result.encodedBytes).toBe(result.file.byteLength);
    const expected = options.items ? left.toReversed() : left;
    expect((await collect(files.read(result.file))).map(exactRow)).toEqual(expected.map(exactRow));
    expect(await removal.count(old, [gone])).toEqual(new Map([[gone.user_id, { rows: 2, staying: 0 }]]));
    expect(bytesAndPages(old.bytes).includes(gone.user_id)).toBe(true);
    expect(bytesAndPages(result.file.bytes).includes(gone.user_id)).toBe(false);
  });

  it("is rewritten whole: with columns stored in another way", async () => {
    const times = MESSAGES.columns.filter(({ type }) => type === "timestamp").map(({ name }) => name);
    const schema = parquetSchemaOf(MESSAGES).map((element): typeof element =>
      times.includes(element.name)
        ? {
            ...element,
            converted_type: "TIMESTAMP_MICROS",
            logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
          }
        : element,
    );
    const inMicroseconds = (row: LakeRow): LakeRow => ({
      ...row,
      timestamp: 1_000 * row.timestamp,
      first_received_at: 1_000 * Number(row["first_received_at"]),
    });
    const result = await remove(removal, nearly({ schema, items: rows.map(inMicroseconds) }), [gone]);
    expect(result.copied).toBe(0);
    expect(await collect(files.read(result.file))).toEqual(left);
  });

  it("is rewritten whole: with bytes between its columns that are of none of them", async () => {
    const hidden = Buffer.from(gone.user_id);
    const old = nearly({}, ({ bytes, file }) => {
      const last = file.row_groups.at(-1)?.columns.at(-1);
      if (!last?.meta_data) throw new Error("no such column");
      const [body, at] = [bytes.getBytes().slice(), Number(last.file_offset)];
      bytes.index = 0;
      bytes.offset = 0;
      for (const part of [body.subarray(0, at), hidden, body.subarray(at)]) bytes.appendBytes(part);
      last.file_offset += BigInt(hidden.byteLength);
      last.meta_data.data_page_offset += BigInt(hidden.byteLength);
      if (last.meta_data.dictionary_page_offset !== undefined)
        last.meta_data.dictionary_page_offset += BigInt(hidden.byteLength);
    });
    const { file, copied } = await remove(removal, old, [gone]);
    expect(copied).toBe(0);
    expect(bytesAndPages(file.bytes).includes(gone.user_id)).toBe(false);
    expect(await collect(files.read(file))).toEqual(left);
  });

  it("is rewritten whole: with a footer that says more than is known", async () => {
    const { bytes } = nearly({});
    const [hidden, tail] = [Buffer.from(gone.user_id), Buffer.from(bytes.slice(-8))];
    tail.writeUInt32LE(tail.readUInt32LE() + hidden.byteLength);
    const old = fileOf(bytes.slice(0, -8), hidden, tail);
    const { file, copied } = await remove(removal, old, [gone]);
    expect(copied).toBe(0);
    expect(bytesAndPages(file.bytes).includes(gone.user_id)).toBe(false);
    expect(await collect(files.read(file))).toEqual(left);
  });

  it("is one that can be copied from then on", async () => {
    const once = await remove(removal, nearly({ hasStatistics: false }), [gone]);
    const again = await remove(removal, once.file, [{ user_id: "web:d", generation: 1 }]);
    expect(again).toMatchObject({ copied: 1, encoded: 0 });
  });

  it("does not say that it is sorted where it is not", async () => {
    const { file } = await remove(removal, nearly({ items: rows.toReversed(), createdBy: "" }), [gone]);
    const [group] = parquetMetadata(file.bytes).row_groups;
    expect(group?.sorting_columns).toBeUndefined();
    expect(group?.columns[0]?.meta_data?.statistics).toBeUndefined();
  });

  it("becomes one without rows when everybody goes", async () => {
    const everybody = rows.map(({ user_id }) => ({ user_id, generation: 1 }));
    const result = await remove(removal, nearly({ hasStatistics: false }), everybody);
    expect(result).toMatchObject({ rows: 0, encoded: 0, dropped: 3 });
    expect(await collect(files.read(result.file))).toEqual([]);
  });

  it.each(["hyparquet", "parquetjs"] as const)("is written by %s, where that is chosen", async (writer) => {
    const { file } = await remove(createMessageRowRemoval(writer), nearly({ createdBy: "" }), [gone]);
    expect(parquetMetadata(file.bytes).created_by).toMatch(writer === "hyparquet" ? /^hilo/ : /parquet\.js/);
    expect(await collect(files.read(file))).toEqual(left);
  });
});

describe("a file from another time", () => {
  const mood: LakeColumn = { name: "mood", type: "string", nullable: false, personal: true, meaning: "" };
  const newer = withColumns((columns) => [mood, ...columns]);
  const older = withColumns((columns) => columns.filter(({ name }) => name !== "bot_id"));
  const items = rows.map((row) => ({ ...row, mood: "good" }));

  it.each([{}, { createdBy: "another" }])("keeps a column that is not known yet (%j)", async (options) => {
    const { file, ...result } = await remove(removal, nearly({ of: newer, items, ...options }), [gone]);
    expect(result).toMatchObject({ copied: "createdBy" in options ? 0 : 2, rows: 4 });
    const read = await collect(createParquetFiles(newer, "hyparquet").read(file));
    expect(read).toEqual(left.map((row) => ({ ...row, mood: "good" })));
    // Whoever hashes the rows knows today's columns only.
    expect(result.goneRows.map((row) => Object.hasOwn(row, "mood"))).toEqual([false, false]);
  });

  it.each([{}, { createdBy: "another" }])("lacks what came later, as before (%j)", async (options) => {
    const { file, goneRows } = await remove(removal, nearly({ of: older, ...options }), [gone]);
    expect(await collect(files.read(file))).toEqual(left.map((row) => ({ ...row, bot_id: null })));
    expect(goneRows).toEqual(
      rows.filter((row) => !left.includes(row)).map((row) => ({ ...row, bot_id: null })),
    );
    expect(parquetMetadata(file.bytes).schema.map(({ name }) => name)).not.toContain("bot_id");
  });

  it("is refused, not thinned out, where it has a column that could not be written again", async () => {
    const schema = [...parquetSchemaOf(MESSAGES), { name: "mood", type: "FLOAT" as const }];
    const bytes = new ByteWriter();
    const file = new ParquetWriter({
      writer: bytes,
      schema: [{ name: "schema", num_children: 33 }, ...schema.slice(1)],
    });
    const columnData = [...MESSAGES.columns, { name: "mood" }].map(({ name }) => ({
      name,
      data: items.map((row) => (name === "mood" ? 1 : ((row as LakeRow)[name] ?? null))),
    }));
    void file.write({ columnData });
    void file.finish();
    await expect(remove(removal, fileOf(bytes.getBytes()), [gone])).rejects.toThrow(
      "column 33 is neither of",
    );
  });

  it.each(["user_id", "generation", "timestamp"])("is refused without %s", async (name) => {
    const of = { ...withColumns((columns) => columns.filter((column) => column.name !== name)), order: [] };
    await expect(remove(removal, nearly({ of }), [gone])).rejects.toThrow(`no column ${name}`);
    await expect(removal.count(nearly({ of }), [gone])).rejects.toThrow(`no column ${name}`);
  });
});

describe.each([USER_BEHAVIOR, USER_PATTERNS])("a file of another table ($stagedFolder)", ({ schema }) => {
  const behavior = ["a", "b", "c"].map((who) =>
    Object.fromEntries(
      schema.columns.map(({ name, type }) => [
        name,
        name === "user_id" ? who : type === "bigint" ? 1n : type === "string" || type === "json" ? "{}" : 1,
      ]),
    ),
  );

  it.each(["hyparquet", "parquetjs"] as const)("loses people too, written by %s", async (writer) => {
    const table = createParquetFiles(schema, writer);
    const old = await writtenBy((sink) => table.write(stream(behavior), sink));
    const [chunks, removed]: [Uint8Array[], unknown[]] = [[], []];
    const result = await createLakeRowRemoval(schema).remove(
      old,
      [{ user_id: "b", generation: 1 }],
      async (chunk) => void chunks.push(chunk),
      (row) => removed.push(row),
    );
    expect(result).toMatchObject({ rows: 2, removed: new Map([["b", 1]]) });
    expect(removed).toEqual([behavior[1]]);
    expect(await collect(table.read(fileOf(...chunks)))).toEqual([behavior[0], behavior[2]]);
  });
});
