import { deserialize, serialize } from "node:v8";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import type { LakeRowFiles } from "../../../functions/core/ports/lake-row-files.ts";

/** Files of lake rows, each row after its length: no Parquet, and quick. */
export const fakeLakeRowFiles: LakeRowFiles = {
  async write(rows, sink) {
    let count = 0;
    await sink(Buffer.from("rows"));
    for await (const row of rows) {
      const bytes = serialize(row);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      await sink(Buffer.concat([length, bytes]));
      count += 1;
    }
    return count;
  },

  read: (file) => ({
    async *[Symbol.asyncIterator]() {
      yield* rowsOfBytes(new Uint8Array(await file.slice(0)));
    },
  }),
};

/** The rows of such a file's bytes. */
export function rowsOfBytes(bytes: Uint8Array): LakeRow[] {
  const file = Buffer.from(bytes);
  const rows: LakeRow[] = [];
  for (let at = 4; at < file.length; ) {
    const end = at + 4 + file.readUInt32BE(at);
    rows.push(deserialize(file.subarray(at + 4, end)) as LakeRow);
    at = end;
  }
  return rows;
}
