import type { LakeRow, LakeValue } from "../../../functions/core/domain/lake-row.ts";
import type { LakeRowFiles, RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";

/** Files of lake rows as JSON lines: readable in a failing test, and quick. */
export const fakeLakeRowFiles: LakeRowFiles = {
  async write(rows, sink) {
    let count = 0;
    await sink(Buffer.from("rows\n"));
    for await (const row of rows) {
      await sink(Buffer.from(`${JSON.stringify(row, (_, value: LakeValue) => encoded(value))}\n`));
      count += 1;
    }
    return count;
  },

  read: (file) => ({
    async *[Symbol.asyncIterator]() {
      for (const row of rowsOfBytes(new Uint8Array(await wholeOf(file)))) yield row;
    },
  }),
};

/** The rows of such a file's bytes. */
export const rowsOfBytes = (bytes: Uint8Array): LakeRow[] =>
  Buffer.from(bytes)
    .toString()
    .split("\n")
    .slice(1, -1)
    .map((line) => JSON.parse(line, (_, value: string) => decoded(value)) as LakeRow);

const wholeOf = (file: RandomAccessFile): Promise<ArrayBuffer> => file.slice(0);

const encoded = (value: LakeValue): LakeValue => (typeof value === "bigint" ? `bigint:${value}` : value);
const decoded = (value: string): LakeValue =>
  typeof value === "string" && value.startsWith("bigint:") ? BigInt(value.slice(7)) : value;
