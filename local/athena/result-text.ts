import { ExactNumber, type TrinoColumn } from "./trino-client.ts";
import { parseType, type TypeSignature } from "./type-signature.ts";

/** A row as Athena gives it: every value is text, or null. */
export type TextRow = readonly (string | null)[];

/** A column as Athena's `ColumnInfo` describes it. */
export interface ColumnInfo {
  readonly CatalogName: "hive";
  readonly SchemaName: "";
  readonly TableName: "";
  readonly Name: string;
  readonly Label: string;
  readonly Type: string;
  readonly Precision: number;
  readonly Scale: number;
  readonly Nullable: "UNKNOWN";
  readonly CaseSensitive: boolean;
}

/** Prints rows of these columns as Athena does. */
export function createRowPrinter(columns: readonly TrinoColumn[]): (row: readonly unknown[]) => TextRow {
  const types = columns.map(({ type }) => parseType(type));
  return (row) => types.map((type, index) => printValue(row[index], type));
}

/** Prints one value: doubles as Java does, binaries as hexadecimal bytes, nested values like `[a, null]` and `{k=v}`. */
export function printValue(value: unknown, type: TypeSignature): string | null {
  if (value === null || value === undefined) return null;
  if (value instanceof ExactNumber) return value.source;
  const inside = (inner: unknown, index: number): string =>
    printValue(inner, type.inner[index]?.type ?? UNKNOWN) ?? "null";
  switch (type.name) {
    case "varbinary":
      return Buffer.from(String(value), "base64").toString("hex").match(/../g)?.join(" ") ?? "";
    case "array":
      return Array.isArray(value) ? `[${value.map((element) => inside(element, 0)).join(", ")}]` : "";
    case "map":
      return `{${Object.entries(value)
        .map(([key, element]) => `${key}=${inside(element, 1)}`)
        .join(", ")}}`;
    case "row":
      return Array.isArray(value)
        ? `{${value.map((element, index) => `${type.inner[index]?.field || `field${index}`}=${inside(element, index)}`).join(", ")}}`
        : "";
    default:
      return String(value);
  }
}

const UNKNOWN: TypeSignature = { name: "unknown", inner: [], sizes: [] };

/** Digits that Athena reports for types without sizes of their own. */
const PRECISIONS: Readonly<Record<string, number>> = {
  tinyint: 3,
  smallint: 5,
  integer: 10,
  bigint: 19,
  real: 17,
  double: 17,
  timestamp: 3,
  "timestamp with time zone": 3,
  time: 3,
  varbinary: 1_073_741_824,
};
const UNBOUNDED = 2_147_483_647;

/** Describes a column as Athena does: `varchar(3)` is a `varchar`, `real` is a `float`. */
export function describeColumn({ name, type }: TrinoColumn): ColumnInfo {
  const { name: typeName, sizes } = parseType(type);
  const isText = typeName === "varchar" || typeName === "char";
  const isTime = typeName.startsWith("time");
  return {
    CatalogName: "hive",
    SchemaName: "",
    TableName: "",
    Name: name,
    Label: name,
    Type: typeName === "real" ? "float" : typeName,
    Precision: (isTime ? undefined : sizes[0]) ?? (isText ? UNBOUNDED : (PRECISIONS[typeName] ?? 0)),
    Scale: isTime ? 0 : (sizes[1] ?? 0),
    Nullable: "UNKNOWN",
    CaseSensitive: isText,
  };
}

/** One line of Athena's CSV: every value in quotes, doubled where it holds one; nothing at all for null. */
export function csvLine(row: TextRow): string {
  return `${row.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`)).join(",")}\n`;
}

/** One line of the text that utility statements leave: values between tabs. */
export function textLine(row: TextRow): string {
  return `${row.map((value) => value ?? "").join("\t")}\n`;
}
