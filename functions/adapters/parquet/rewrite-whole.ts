import type { LakeSchema } from "../../core/domain/lake-schema.ts";
import type { ByteSink, RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import type { RowRemoval } from "../../core/ports/lake-row-removal.ts";
import { createParquetFiles, type LakeWriter } from "./lake-row-files.ts";
import { readRows, type WholeRow } from "./read-rows.ts";
import type { RemovedPeople } from "./removed-people.ts";
import { orderCheck } from "./row-groups.ts";

/**
 * Writes a file without people, every row anew.
 * @param schema as it is in the file
 * @param groups how many row groups with rows it has
 */
export async function rewriteWhole(
  from: { readonly file: RandomAccessFile; readonly schema: LakeSchema; readonly groups: number },
  writer: LakeWriter,
  people: RemovedPeople,
  sink: ByteSink,
  onRemoved: (row: WholeRow) => void,
): Promise<RowRemoval> {
  const { file, schema, groups } = from;
  async function* left(): AsyncGenerator<WholeRow> {
    for await (const row of readRows(schema, [], file))
      if (people.fateOfRow(row) === "goes") onRemoved(row);
      else yield row;
  }
  let encodedBytes = 0;
  // What is not sorted must not say that it is.
  const order = (await isSorted(file, schema)) ? schema.order : [];
  const rows = await createParquetFiles({ ...schema, order }, writer).write(left(), async (chunk) => {
    encodedBytes += chunk.byteLength;
    await sink(chunk);
  });
  const [encoded, dropped] = rows > 0 ? [groups, 0] : [0, groups];
  const { removed, staying } = people;
  return { rows, removed, staying, copied: 0, encoded, dropped, copiedBytes: 0, encodedBytes };
}

/** Whether the rows are in the table's order; reads only the columns that make it. */
async function isSorted(file: RandomAccessFile, schema: LakeSchema): Promise<boolean> {
  const columns = schema.columns.filter(({ name }) => schema.order.includes(name));
  const inOrder = orderCheck(schema);
  for await (const row of readRows({ ...schema, columns }, [], file)) if (!inOrder(row)) return false;
  return true;
}
