import { createHash } from "node:crypto";
import type { KeyValue, LogicalType, ParquetType, SchemaElement } from "hyparquet";
import type { LakeColumn, LakeSchema, LakeType } from "../../core/domain/lake-schema.ts";

/** How Parquet stores a type: both annotations, so that old and new readers see the same. */
export const STORED: Readonly<
  Record<LakeType, Omit<SchemaElement, "name"> & { readonly type: ParquetType }>
> = {
  string: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  json: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  bigint: { type: "INT64" },
  double: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
  timestamp: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" } satisfies LogicalType,
  },
  date: { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } },
};

/** The Parquet schema of a table's files. */
export const parquetSchemaOf = ({ columns }: LakeSchema): SchemaElement[] => [
  { name: "schema", num_children: columns.length },
  ...columns.map(({ name, type, nullable }) => ({
    ...STORED[type],
    name,
    repetition_type: nullable ? ("OPTIONAL" as const) : ("REQUIRED" as const),
  })),
];

/** Says in the footer which table the file is of, and names its columns and types by a hash. */
export function fileMetadata({ table, columns }: LakeSchema): KeyValue[] {
  const shape = columns.map(({ name, type, nullable }) => `${name} ${type}${nullable ? "" : " not null"}`);
  const version = createHash("sha256").update(shape.join("\n")).digest("hex").slice(0, 16);
  return [
    { key: "hilo.table", value: table },
    { key: "hilo.schema", value: version },
  ];
}

/** `<program> version <number> (build <what>)`: the form that readers check for faults of known writers. */
export const createdBy = (library: string): string => `hilo version 1 (build ${library})`;

/**
 * Whether the footer may hold a column's least and greatest value. Of personal data it holds those that the file
 * is sorted by, which is what finds a person; texts would only be copied there.
 */
export const hasBounds = ({ order }: LakeSchema, { name, type, personal }: LakeColumn): boolean =>
  order.includes(name) || !(personal || type === "json");
