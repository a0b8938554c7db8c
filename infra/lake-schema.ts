import { readFileSync } from "node:fs";
import { join } from "node:path";

const SCHEMAS = join(import.meta.dirname, "..", "queries", "schema");

/** Glue's and Athena's names of the neutral types. */
const COLUMN_TYPES = {
  string: "string",
  json: "string",
  bigint: "bigint",
  double: "double",
  boolean: "boolean",
  timestamp: "timestamp",
  date: "date",
} as const;

export interface LakeColumn {
  readonly name: string;
  readonly type: keyof typeof COLUMN_TYPES;
  readonly personal: boolean;
  readonly meaning: string;
  readonly unit?: string;
}

/** A table of the lake as `queries/schema/<name>.json` describes it. */
export interface LakeSchema {
  readonly table: string;
  readonly description: string;
  readonly columns: readonly LakeColumn[];
}

/** Longest comment that Glue takes for a column. */
const LONGEST_COMMENT = 255;

/** Reads `queries/schema/<name>.json`. @throws Error naming file and column of a type that is not ours */
export function readLakeSchema(name: string): LakeSchema {
  const schema: LakeSchema = JSON.parse(readFileSync(join(SCHEMAS, `${name}.json`), "utf8"));
  const strange = schema.columns.find(({ type }) => !(type in COLUMN_TYPES));
  if (strange !== undefined)
    throw new Error(`queries/schema/${name}.json: ${strange.name} has the unknown type ${strange.type}`);
  return schema;
}

/** A column as Glue's catalog holds it: type, and a comment of what it means, its unit and whether it is personal. */
export function catalogColumn({ name, type, meaning, unit, personal }: LakeColumn) {
  const comment = `${meaning}${unit === undefined ? "" : ` Unit: ${unit}.`}${personal ? " Personal data." : ""}`;
  const short = comment.length > LONGEST_COMMENT ? `${comment.slice(0, LONGEST_COMMENT - 1)}…` : comment;
  return { name, type: COLUMN_TYPES[type], comment: short };
}
