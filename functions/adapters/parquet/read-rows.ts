import type { DecodedArray, SchemaElement } from "hyparquet";
import type { LakeValue } from "../../core/domain/lake-row.ts";
import type { LakeColumn, LakeSchema, LakeType } from "../../core/domain/lake-schema.ts";
import type { RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import { decodeGroup, type GroupBytes, groupBytes } from "./decode-group.ts";
import { noSuchFile, readFooter } from "./footer.ts";

/** A row with every column of its table's schema. */
export type WholeRow = Record<string, LakeValue>;

/**
 * Rows of a Parquet file in its order: one row group decoded, the bytes of the next one on their way.
 * @param needed columns that the file must have; others that it does not have are null, and what the schema does
 * not know is left out
 * @throws PermanentError when it is no file of this table; what `slice` throws passes through
 */
export async function* readRows(
  schema: LakeSchema,
  needed: readonly string[],
  file: RandomAccessFile,
): AsyncGenerator<WholeRow, void, undefined> {
  const { metadata, start } = await readFooter(file);
  const columns = columnsIn(schema, needed, metadata.schema);
  const groups = metadata.row_groups
    .filter((group) => group.num_rows > 0n)
    .map((group) => groupBytes(group, columns, start));
  let next = fetched(file, groups[0]);
  for (const [index, group] of groups.entries()) {
    const bytes = await next;
    next = fetched(file, groups[index + 1]);
    const decoded = await decodeGroup(metadata, group, columns, bytes);
    yield* rowsOf(schema, columns, decoded, Number(group.group.num_rows));
  }
}

/** Bytes of a group. They may fail to come while the group before is still in use: that shows when they are awaited. */
function fetched(file: RandomAccessFile, group: GroupBytes | undefined): Promise<ArrayBuffer> {
  const bytes = group ? file.slice(group.start, group.end) : Promise.resolve(new ArrayBuffer(0));
  bytes.catch(() => undefined);
  return bytes;
}

const isText = ({ type }: SchemaElement): boolean => type === "BYTE_ARRAY";
const isTimestamp = ({ converted_type, logical_type }: SchemaElement): boolean =>
  converted_type === "TIMESTAMP_MILLIS" ||
  converted_type === "TIMESTAMP_MICROS" ||
  (logical_type?.type === "TIMESTAMP" && logical_type.unit !== "NANOS");

/** Whether what a file stores can be read as a column of a type. */
const READABLE: Readonly<Record<LakeType, (element: SchemaElement) => boolean>> = {
  string: isText,
  json: isText,
  bigint: (element) => element.type === "INT64" && !isTimestamp(element),
  double: ({ type }) => type === "DOUBLE",
  boolean: ({ type }) => type === "BOOLEAN",
  timestamp: isTimestamp,
  date: ({ converted_type, logical_type }) => converted_type === "DATE" || logical_type?.type === "DATE",
};

/** Columns of the schema that the file has. */
function columnsIn(
  schema: LakeSchema,
  needed: readonly string[],
  [, ...elements]: SchemaElement[],
): string[] {
  const inFile = new Map(elements.map((element) => [element.name, element]));
  for (const name of needed)
    if (!inFile.has(name)) throw noSuchFile(`it has no column ${name}, which ${schema.table} needs`);
  return schema.columns
    .filter((column) => {
      const element = inFile.get(column.name);
      if (element !== undefined && !isReadable(column, element))
        throw noSuchFile(`its column ${column.name} is no ${column.type}`);
      return element !== undefined;
    })
    .map(({ name }) => name);
}

/** Whether a column of the file is of this type. */
export const isReadable = ({ type }: LakeColumn, element: SchemaElement): boolean =>
  element.repetition_type !== "REPEATED" && !element.num_children && READABLE[type](element);

function* rowsOf(
  { columns }: LakeSchema,
  present: readonly string[],
  decoded: readonly DecodedArray[],
  rows: number,
): Generator<WholeRow, void, undefined> {
  const sources = columns.map(({ name }) => ({ name, values: decoded[present.indexOf(name)] }));
  for (let index = 0; index < rows; index++) {
    const row: WholeRow = {};
    for (const { name, values } of sources) row[name] = values?.[index] ?? null;
    yield row;
  }
}
