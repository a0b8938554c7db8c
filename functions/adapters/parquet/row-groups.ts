import { PermanentError } from "../../core/domain/errors.ts";
import { compareUtf8 } from "../../core/domain/key-order.ts";
import type { LakeValue } from "../../core/domain/lake-row.ts";
import type { LakeColumn, LakeSchema, LakeType } from "../../core/domain/lake-schema.ts";

/** A row by the names of its table's columns; one that may be null may also be left out. */
export type TableRow = Readonly<Record<string, LakeValue | undefined>>;

/** Rows of one row group, column by column in the schema's order. */
export interface RowGroup {
  readonly rows: number;
  readonly columns: readonly LakeValue[][];
}

/** A group ends at so many rows, or at so much text: long texts must not make memory grow. */
const MAX_ROWS = 10_000;
const MAX_CHARACTERS = 16 * 1024 * 1024;

const MAX_BIGINT = 2n ** 63n - 1n;
const MAX_DAYS = 2 ** 31 - 1;

/** Why a value cannot be in a column of its type, if it cannot. Never holds the value. */
const FAULT: Readonly<Record<LakeType, (value: LakeValue) => string | undefined>> = {
  string: textFault,
  json: textFault,
  bigint: (value) =>
    typeof value !== "bigint"
      ? "must be a bigint"
      : value > MAX_BIGINT || value < -MAX_BIGINT - 1n
        ? "is beyond 64 bits"
        : undefined,
  double: (value) => (typeof value === "number" ? undefined : "must be a number"),
  boolean: (value) => (typeof value === "boolean" ? undefined : "must be a boolean"),
  timestamp: (value) => (Number.isSafeInteger(value) ? undefined : "must be whole milliseconds since 1970"),
  date: (value) =>
    Number.isSafeInteger(value) && Math.abs(Number(value)) <= MAX_DAYS
      ? undefined
      : "must be whole days since 1970",
};

function textFault(value: LakeValue): string | undefined {
  if (typeof value !== "string") return "must be a string";
  // An encoder would put another character there without a word.
  return value.isWellFormed() ? undefined : "has a lone surrogate, which is not Unicode";
}

/**
 * Gathers rows into groups, each value checked against its column.
 * @throws PermanentError naming column and row where a value does not fit or rows are out of the table's order
 */
export async function* rowGroups(
  schema: LakeSchema,
  rows: AsyncIterable<TableRow>,
): AsyncGenerator<RowGroup, void, undefined> {
  const inOrder = orderCheck(schema);
  const texts = schema.columns.filter(({ type }) => type === "string" || type === "json");
  const names = texts.map(({ name }) => name);
  let gathered: TableRow[] = [];
  let [before, characters] = [0, 0];
  for await (const row of rows) {
    if (!inOrder(row))
      throw new PermanentError(`${schema.table}: row ${before + gathered.length} is out of order`);
    gathered.push(row);
    for (const name of names) characters += lengthOf(row[name]);
    if (gathered.length < MAX_ROWS && characters < MAX_CHARACTERS) continue;
    yield groupOf(schema, gathered, before);
    before += gathered.length;
    [gathered, characters] = [[], 0];
  }
  if (gathered.length > 0) yield groupOf(schema, gathered, before);
}

const lengthOf = (value: LakeValue | undefined): number => (typeof value === "string" ? value.length : 0);

/** Column by column: one name and one check at a time is what JavaScript is fast at. */
const groupOf = (schema: LakeSchema, rows: readonly TableRow[], before: number): RowGroup => ({
  rows: rows.length,
  columns: schema.columns.map((column) => checkedColumn(schema, column, rows, before)),
});

function checkedColumn(
  { table }: LakeSchema,
  { name, type, nullable }: LakeColumn,
  rows: readonly TableRow[],
  before: number,
): LakeValue[] {
  const faultOf = FAULT[type];
  const values = new Array<LakeValue>(rows.length);
  for (let index = 0; index < rows.length; index++) {
    const value = rows[index]?.[name] ?? null;
    const fault = value !== null ? faultOf(value) : nullable ? undefined : "must not be null";
    if (fault !== undefined) throw new PermanentError(`${table}.${name}, row ${before + index}: ${fault}`);
    values[index] = value;
  }
  return values;
}

/** Tells whether a row comes after the one asked about before, by the columns the table is sorted by. */
export function orderCheck({ order }: LakeSchema): (row: TableRow) => boolean {
  let last: TableRow | undefined;
  return (row) => {
    const before = last;
    last = row;
    if (before === undefined) return true;
    for (const name of order) {
      const [a, b] = [before[name], row[name]];
      if (a === b) continue;
      return compareValues(a, b) < 0;
    }
    return true;
  };
}

/** Strings by their UTF-8 bytes, which is the order of the stores. */
const compareValues = (a: LakeValue | undefined, b: LakeValue | undefined): number =>
  typeof a === "string" && typeof b === "string" ? compareUtf8(a, b) : (a ?? 0) < (b ?? 0) ? -1 : 1;
