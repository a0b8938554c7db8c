import messages from "../../../queries/schema/messages.json" with { type: "json" };

/**
 * Types of the lake's columns: `json` is JSON text, `timestamp` ms since 1970 in UTC, `date` days since 1970.
 * `queries/README.md` and `docs/DATA.md` say what each becomes in Parquet and in Athena.
 */
const TYPES = ["string", "json", "bigint", "double", "boolean", "timestamp", "date"] as const;
export type LakeType = (typeof TYPES)[number];

export interface LakeColumn {
  readonly name: string;
  readonly type: LakeType;
  readonly nullable: boolean;
  /** Whether its values tell of a person. */
  readonly personal: boolean;
  readonly meaning: string;
  readonly unit?: string;
}

/** A table of the lake, as a file of `queries/schema` describes it. */
export interface LakeSchema {
  readonly table: string;
  readonly description: string;
  /** Columns its files are sorted by, strings by their UTF-8 bytes. */
  readonly order: readonly string[];
  readonly columns: readonly LakeColumn[];
}

/** What such a file says before its types are known. */
export type UncheckedSchema = Omit<LakeSchema, "columns"> & {
  readonly columns: readonly (Omit<LakeColumn, "type"> & { readonly type: string })[];
};

/** @throws RangeError naming the column whose type or place is none, so that a slip in a schema file shows at start */
export function lakeSchemaOf(file: UncheckedSchema): LakeSchema {
  const names = new Set<string>();
  const columns = file.columns.map((column) => {
    const type = TYPES.find((known) => known === column.type);
    if (type === undefined)
      throw new RangeError(`${file.table}.${column.name}: no such type: ${column.type}`);
    if (names.has(column.name)) throw new RangeError(`${file.table}.${column.name} is there twice`);
    names.add(column.name);
    return { ...column, type };
  });
  for (const name of file.order)
    if (!names.has(name)) throw new RangeError(`${file.table} is ordered by ${name}, which it does not have`);
  return { ...file, columns };
}

/** Messages, one row each: what `conversations/` holds. */
export const MESSAGES: LakeSchema = lakeSchemaOf(messages);
