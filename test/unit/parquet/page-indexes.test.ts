import { type FileMetaData, parquetMetadata, readColumnIndex, readOffsetIndex } from "hyparquet";
import { readBloomFilter } from "hyparquet/src/bloom.js";
import { describe, expect, it } from "vitest";
import { createParquetFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createLakeRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import { USER_BEHAVIOR } from "../../../functions/core/domain/user-tables.ts";
import { indexedFile } from "../../contract/parquet/indexed-file.ts";
import { bytesAndPages } from "../../contract/parquet/raw-pages.ts";
import { collect, fileOf } from "../../support/parquet/rows.ts";

const { schema } = USER_BEHAVIOR;
const GROUP = 40;

/** A row whose texts are long enough to fill pages of their own. */
const rowOf = (person: number) => ({
  user_id: `web:${String(person).padStart(4, "0")}`,
  date: 20_000,
  messages: BigInt(person),
  user_messages: 1n,
  assistant_messages: 1n,
  system_messages: 0n,
  sessions: 1n,
  active_hours: 1n,
  messages_by_hour: `canary-${person}-end ${"x".repeat(50)}`,
  intents: "{}",
  sentiment_messages: 0n,
  mean_sentiment: person % 2 === 0 ? Number.NaN : null,
  escalations: 0n,
  answered: 1n,
  response_ms_mean: null,
  response_ms_p50: null,
  response_ms_p95: null,
  generation: 1n,
});
const rows = Array.from({ length: 3 * GROUP }, (_, person) => rowOf(person));

/** All indexes of the groups of a file, page offsets from the start of their column. */
function indexesIn(bytes: Uint8Array, { schema: elements, row_groups }: FileMetaData) {
  const view = (start: bigint | undefined, length: number | undefined) => ({
    view: new DataView(bytes.buffer, bytes.byteOffset + Number(start), length),
    offset: 0,
  });
  return row_groups.map(({ columns }) =>
    columns.map((chunk, index) => {
      const { meta_data, column_index_offset: column, offset_index_offset: pages } = chunk;
      const element = elements[index + 1];
      if (!meta_data || !element) throw new Error("no such column");
      const start = meta_data.dictionary_page_offset ?? meta_data.data_page_offset;
      return {
        values:
          column === undefined
            ? undefined
            : readColumnIndex(view(column, chunk.column_index_length), element),
        pages:
          pages === undefined
            ? undefined
            : readOffsetIndex(view(pages, chunk.offset_index_length)).page_locations.map((page) => ({
                ...page,
                offset: page.offset - start,
              })),
        bloom:
          meta_data.bloom_filter_offset &&
          readBloomFilter(view(meta_data.bloom_filter_offset, meta_data.bloom_filter_length))?.blocks,
      };
    }),
  );
}

describe("indexes of pages, and Bloom filters", () => {
  const removal = createLakeRowRemoval(schema);
  const old = indexedFile(schema, rows, GROUP);
  const before = indexesIn(old.bytes, parquetMetadata(old.bytes));

  async function without(...people: number[]) {
    const chunks: Uint8Array[] = [];
    const persons = people.map((person) => ({ user_id: rowOf(person).user_id, generation: 1 }));
    const report = await removal.remove(
      old,
      persons,
      async (chunk) => void chunks.push(chunk),
      () => undefined,
    );
    const file = fileOf(...chunks);
    return { file, report, metadata: parquetMetadata(file.bytes) };
  }

  it("are there to begin with", () => {
    expect(before[0]?.[0]).toMatchObject({ bloom: expect.any(Uint32Array) });
    expect(before[0]?.[0]?.values).toMatchObject({ boundary_order: "ASCENDING" });
    expect(before[0]?.[0]?.pages).toHaveLength(before[0]?.[0]?.values?.min_values.length ?? 0);
  });

  it("are the same to the byte where nobody was found", async () => {
    const { file, report } = await without(5_000);
    expect(report).toMatchObject({ copied: 3, encoded: 0 });
    expect(Buffer.from(file.bytes).equals(old.bytes)).toBe(true);
  });

  it.each([0, 1, 2])("are kept for all groups but the one that lost a person (%i)", async (touched) => {
    const { file, report, metadata } = await without(touched * GROUP + 7);
    expect(report).toMatchObject({ copied: 2, encoded: 1 });
    const after = indexesIn(file.bytes, metadata);
    for (const group of [0, 1, 2].filter((one) => one !== touched))
      expect(after[group]).toEqual(before[group]);
    const canary = `canary-${touched * GROUP + 7}-end`;
    expect(bytesAndPages(old.bytes).includes(canary)).toBe(true);
    expect(bytesAndPages(file.bytes).includes(canary)).toBe(false);
    const left = rows.filter((_, person) => person !== touched * GROUP + 7);
    expect(await collect(createParquetFiles(schema, "hyparquet").read(file))).toEqual(left);
  });

  it("go with a group of which nobody is left", async () => {
    const { file, report, metadata } = await without(
      ...Array.from({ length: GROUP }, (_, one) => GROUP + one),
    );
    expect(report).toMatchObject({ copied: 2, encoded: 0, dropped: 1 });
    expect(indexesIn(file.bytes, metadata)).toEqual([before[0], before[2]]);
  });
});
