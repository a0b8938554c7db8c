import { type LakeColumn, readLakeSchema } from "../lake-schema.ts";

/**
 * What QuickSight may read. SPICE is a copy that no eraser reaches: it holds aggregates only. Whatever has a row a
 * person is asked for anew each time, and its results expire with the workgroup's.
 */
export const DATA_SETS = {
  daily_metrics: { schema: "daily-metrics", title: "Daily metrics", mode: "SPICE" },
  daily_breakdown: { schema: "daily-breakdown", title: "Daily breakdown", mode: "SPICE" },
  user_behavior: { schema: "user-behavior", title: "Behaviour of users by day", mode: "DIRECT_QUERY" },
  user_patterns: { schema: "user-patterns", title: "Patterns of users", mode: "DIRECT_QUERY" },
} as const;

export type DataSetName = keyof typeof DATA_SETS;

/** QuickSight's names of the neutral types. */
const TYPES: Readonly<Record<LakeColumn["type"], string>> = {
  string: "STRING",
  json: "STRING",
  bigint: "INTEGER",
  double: "DECIMAL",
  boolean: "BIT",
  timestamp: "DATETIME",
  date: "DATETIME",
};

/** Columns of folders of days, without which a query of such a table would read all of it. */
const PARTITIONS = ["year", "month", "day"].map((name) => ({ name, type: "INTEGER" }));

/** Columns of a data set. @throws Error naming the column that would take personal data into SPICE */
export function dataSetColumns(
  name: DataSetName,
): readonly { readonly name: string; readonly type: string }[] {
  const { schema, mode } = DATA_SETS[name];
  const { columns } = readLakeSchema(schema);
  const personal = columns.find((column) => column.personal);
  if (mode === "SPICE" && personal !== undefined)
    throw new Error(`${name}.${personal.name} is personal: its data set may not be copied into SPICE`);
  const own = columns.map((column) => ({ name: column.name, type: TYPES[column.type] }));
  return name === "user_behavior" ? [...own, ...PARTITIONS] : own;
}
