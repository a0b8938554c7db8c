import { describe, expect, it } from "vitest";
import {
  createLakeRowFiles,
  createParquetFiles,
  type LakeWriter,
} from "../../../functions/adapters/parquet/lake-row-files.ts";
import { type LakeColumn, type LakeSchema, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { aLakeRow, collect, type fileOf, stream, writtenBy } from "../../support/parquet/rows.ts";

const rows = [aLakeRow({ timestamp: 1, intent: "hours" }), aLakeRow({ timestamp: 2 })];
const withColumns = (change: (columns: readonly LakeColumn[]) => readonly LakeColumn[]): LakeSchema => ({
  ...MESSAGES,
  columns: change(MESSAGES.columns),
});
const without = (name: string) => withColumns((columns) => columns.filter((column) => column.name !== name));

describe.each<LakeWriter>(["hyparquet", "parquetjs"])("files of %s from another time", (writer) => {
  const write = (schema: LakeSchema, items: readonly object[] = rows) =>
    writtenBy((sink) => createParquetFiles(schema, writer).write(stream(items as typeof rows), sink));
  const read = (file: ReturnType<typeof fileOf>) => collect(createLakeRowFiles(writer).read(file));

  it("has null in a column that is newer than the file, nullable or not", async () => {
    expect(await read(await write(without("intent")))).toEqual(rows.map((row) => ({ ...row, intent: null })));
    expect(await read(await write(without("bot_id")))).toEqual(rows.map((row) => ({ ...row, bot_id: null })));
  });

  it("leaves out a column that it does not know yet", async () => {
    const newer = withColumns((columns) => [
      { name: "mood", type: "json", nullable: false, personal: true, meaning: "Not known today." },
      ...columns.toReversed(),
    ]);
    const file = await write(
      newer,
      rows.map((row) => ({ ...row, mood: "{}" })),
    );
    expect(await read(file)).toEqual(rows);
  });

  it.each([...MESSAGES.order, "revision", "generation"])("does not merge rows without %s", async (name) => {
    const file = await write({ ...without(name), order: [] });
    await expect(read(file)).rejects.toThrow(`no column ${name}`);
  });

  it("does not take a column of another type for its own", async () => {
    const other = withColumns((columns) =>
      columns.map((column) => (column.name === "tokens_used" ? { ...column, type: "double" } : column)),
    );
    const file = await write(
      other,
      rows.map((row) => ({ ...row, tokens_used: 1.5 })),
    );
    await expect(read(file)).rejects.toThrow("tokens_used is no bigint");
  });
});
