import { isDay } from "./day.ts";

/** Types of parameters; each becomes a literal of its type, never SQL. */
const PARAMETER_TYPES = ["string", "bigint", "double", "date"] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** What one `?` of a query stands for. */
export interface QueryParameterSpec {
  readonly name: string;
  readonly type: ParameterType;
  readonly meaning: string;
}

/** A column of a query's result. */
export interface QueryColumn {
  readonly name: string;
  /** As Athena names it: varchar, bigint, double, date, … */
  readonly type: string;
  /** Such as `ms` or `messages`; `-` where it has none. */
  readonly unit: string;
  readonly meaning: string;
}

/** A file of `queries/`: its header, and the SQL below it. */
export interface QueryFile {
  readonly name: string;
  /** One sentence first. */
  readonly description: string;
  /** In the order of the `?` of the text. */
  readonly parameters: readonly QueryParameterSpec[];
  readonly columns: readonly QueryColumn[];
  /** Without the header. */
  readonly sql: string;
}

/** All files of `queries/`, by name. */
export type QueryFiles = ReadonlyMap<string, QueryFile>;

/** A value for each `?`, typed. */
export type QueryArgument =
  | { readonly type: "string" | "date"; readonly value: string }
  | { readonly type: "bigint"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number };

/** What parameters are given as: text, as people write it, or a value of the type. */
export type QueryValues = Readonly<Record<string, string | number | bigint>>;

const FIELDS = /\s{2,}/;

/**
 * Reads a query file: a name, a description, `Parameters, in order:`, `Columns:`, then SQL. Fields of a line are apart
 * by two spaces or more.
 * @throws RangeError naming the file and the line that is not so
 */
export function parseQueryFile(text: string): QueryFile {
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("--"));
  const [name = "", ...header] = lines.slice(0, end).map((line) => line.slice(3));
  const description: string[] = [];
  const parameters: QueryParameterSpec[] = [];
  const columns: QueryColumn[] = [];
  let section: "description" | "parameters" | "columns" = "description";
  for (const line of header) {
    const fields = line.trim().split(FIELDS);
    if (line === "Parameters, in order:") section = "parameters";
    else if (line === "Columns:") section = "columns";
    else if (section === "description") description.push(line.trim());
    else if (section === "parameters") parameters.push(parameterOf(name, fields));
    else columns.push(columnOf(name, fields));
  }
  return {
    name,
    description: description.join(" "),
    parameters,
    columns,
    sql: lines.slice(end).join("\n").trim(),
  };
}

function parameterOf(query: string, fields: readonly string[]): QueryParameterSpec {
  const [name, typeName, meaning] = fields;
  const type = PARAMETER_TYPES.find((known) => known === typeName);
  if (name === undefined || type === undefined || meaning === undefined || fields.length > 3)
    throw new RangeError(
      `${query}: a parameter has a name, a type and a meaning, not: ${fields.join(" | ")}`,
    );
  return { name, type, meaning };
}

function columnOf(query: string, fields: readonly string[]): QueryColumn {
  const [name, type, unit, meaning] = fields;
  if (name === undefined || type === undefined || unit === undefined || meaning === undefined)
    throw new RangeError(
      `${query}: a column has a name, a type, a unit and a meaning, not: ${fields.join(" | ")}`,
    );
  return { name, type, unit, meaning };
}

/**
 * Puts values in the order of a query's `?`, each in its type.
 * @throws RangeError naming what is missing, unknown or of another type; never the value
 */
export function bindQuery(query: QueryFile, values: QueryValues): QueryArgument[] {
  const unknown = Object.keys(values).filter((name) => query.parameters.every((spec) => spec.name !== name));
  if (unknown.length > 0) throw new RangeError(`${query.name} has no parameter ${unknown.join(", ")}`);
  return query.parameters.map((spec) => {
    const value = values[spec.name];
    if (value === undefined) throw new RangeError(`${query.name} needs ${spec.name}: ${spec.meaning}`);
    return argumentOf(query, spec, value);
  });
}

const WANTED: Readonly<Record<ParameterType, string>> = {
  string: "text",
  date: "a day of the calendar, such as 2026-11-20",
  bigint: "a whole number",
  double: "a number",
};

function argumentOf(
  query: QueryFile,
  { name, type }: QueryParameterSpec,
  value: string | number | bigint,
): QueryArgument {
  if (type === "string" && typeof value === "string") return { type, value };
  if (type === "date" && typeof value === "string" && isDay(value)) return { type, value };
  if (type === "bigint") {
    if (typeof value === "bigint" || Number.isSafeInteger(value)) return { type, value: BigInt(value) };
    if (typeof value === "string" && /^-?\d{1,18}$/.test(value)) return { type, value: BigInt(value) };
  }
  if (type === "double") {
    const number = typeof value === "string" && value.trim() === "" ? Number.NaN : Number(value);
    if (Number.isFinite(number)) return { type, value: number };
  }
  throw new RangeError(`${query.name}: ${name} takes ${WANTED[type]}`);
}
