import { type FileMetaData, parquetMetadata } from "hyparquet";
import { describe, expect, it } from "vitest";
import {
  createLakeRowFiles,
  createParquetFiles,
} from "../../../functions/adapters/parquet/lake-row-files.ts";
import { type LakeSchema, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { collect, manyRows, stream, writtenBy } from "../../support/parquet/rows.ts";

const statisticsOf = (metadata: FileMetaData, group: number, column: string) =>
  metadata.row_groups[group]?.columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === column)
    ?.meta_data?.statistics;

describe("the footer of a lake file", () => {
  it("finds a person by the bounds of sorted groups, and holds no other personal value", async () => {
    const content = "a text that nobody may find in a footer";
    async function* rows() {
      for await (const row of manyRows(20_001))
        yield { ...row, content, platform_message_id: "wamid.secret" };
    }
    const { bytes } = await writtenBy((sink) => createLakeRowFiles("hyparquet").write(rows(), sink));
    const metadata = parquetMetadata(bytes);
    expect(metadata.row_groups.map(({ num_rows }) => num_rows)).toEqual([10_000n, 10_000n, 1n]);
    expect(statisticsOf(metadata, 1, "user_id")).toMatchObject({
      min_value: "web:00001000",
      max_value: "web:00001999",
    });
    expect(metadata.row_groups[0]?.sorting_columns?.map(({ column_idx }) => column_idx)).toEqual([0, 1, 2]);
    const footer = Buffer.from(bytes.slice(-metadata.metadata_length - 8)).toString("latin1");
    expect(footer).toContain("web:00001000");
    expect(footer).not.toContain("nobody may find");
    expect(footer).not.toContain("wamid.secret");
  });

  it("says which table and which columns it is of", async () => {
    const about = async (schema: LakeSchema) => {
      const { bytes } = await writtenBy((sink) =>
        createParquetFiles(schema, "hyparquet").write(stream([]), sink),
      );
      const { key_value_metadata = [], created_by } = parquetMetadata(bytes);
      expect(created_by).toMatch(/^hilo version \d+ \(build hyparquet-writer\)$/);
      return Object.fromEntries(key_value_metadata.map(({ key, value }) => [key, value]));
    };
    const known = await about(MESSAGES);
    expect(known).toEqual({
      "hilo.table": "messages",
      "hilo.schema": expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const rest = MESSAGES.columns.slice(1);
    const meaning = { ...MESSAGES, columns: MESSAGES.columns.map((column) => ({ ...column, meaning: "" })) };
    expect(await about(meaning)).toEqual(known);
    expect(await about({ ...MESSAGES, order: [], columns: rest })).not.toEqual(known);
  });
});

describe("files of another table", () => {
  const schema: LakeSchema = {
    table: "result",
    description: "A query's result.",
    order: [],
    columns: [
      { name: "day", type: "date", nullable: false, personal: false, meaning: "" },
      { name: "count", type: "bigint", nullable: true, personal: false, meaning: "" },
      { name: "mean", type: "double", nullable: true, personal: false, meaning: "" },
    ],
  };
  const rows = [
    { day: 20_777, count: 3n, mean: 0.5 },
    { day: -1, count: null, mean: null },
  ];

  it.each(["hyparquet", "parquetjs"] as const)("are written in any order with %s", async (writer) => {
    const files = createParquetFiles(schema, writer);
    expect(await collect(files.read(await writtenBy((sink) => files.write(stream(rows), sink))))).toEqual(
      rows,
    );
  });

  it("are no lake rows", async () => {
    const file = await writtenBy((sink) => createParquetFiles(schema, "hyparquet").write(stream(rows), sink));
    await expect(collect(createLakeRowFiles("hyparquet").read(file))).rejects.toThrow("no column user_id");
  });
});
