import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  type LakeColumn,
  type LakeSchema,
  type LakeType,
  lakeSchemaOf,
  type UncheckedSchema,
} from "../../../functions/core/domain/lake-schema.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "..", "queries", "schema");

/** Where a table's data is, and what its files are; columns say the rest. */
const PLACES: Readonly<Record<string, string>> = {
  messages: "Parquet, `conversations/year=/month=/day=/`. Also as the table `conversation_contexts`.",
  user_behavior: "Parquet, `analytics/user_behavior/daily/year=/month=/day=/user_behavior.parquet`.",
  user_patterns: "Parquet, `analytics/user_behavior/aggregated_patterns.parquet`.",
  daily_metrics: "JSON, one line a file, `analytics/daily_metrics/<date>.json`.",
  daily_breakdown: "JSON lines, `analytics/daily_breakdown/<date>.json`.",
  training_logs: "JSON lines, gzipped, `logs/year=/month=/day=/interactions.jsonl.gz`.",
  erasure_audit: "JSON lines, `staging/erasure-audit/<audit>.json`.",
};

/** What a type is in Parquet, and in Athena, Glue and Spark. */
const TYPES: Readonly<Record<LakeType, readonly [parquet: string, athena: string]>> = {
  string: ["`BYTE_ARRAY` (STRING), UTF-8", "`string`"],
  json: ["`BYTE_ARRAY` (STRING): JSON text", "`string`; `json_parse` it"],
  bigint: ["`INT64`", "`bigint`"],
  double: ["`DOUBLE`; NaN is a value, not null", "`double`"],
  boolean: ["`BOOLEAN`", "`boolean`"],
  timestamp: ["`INT64` (TIMESTAMP, milliseconds, UTC)", "`timestamp`, in UTC"],
  date: ["`INT32` (DATE)", "`date`"],
};

/** `docs/DATA.md`: every table and column of the lake, from the files that all else is made from. */
export function dataDoc(): string {
  const schemas = readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .map((file) => lakeSchemaOf(JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as UncheckedSchema))
    .sort((a, b) => rank(a) - rank(b));
  return `${[intro, types(), ...schemas.map(table)].join("\n\n")}\n`;
}

const rank = ({ table: name }: LakeSchema): number => Object.keys(PLACES).indexOf(name);

const intro = `# The lake's data

Written from \`queries/schema/*.json\` by \`npx vitest run --project unit test/unit/parquet/data-doc.test.ts -u\`; do not edit. Parquet files, Glue's columns and Spark's schema come from the same files, and a test fails where this page does not follow them.

A column marked *personal* identifies a person or holds what they said; with the person's erasure all of their rows go, whatever the column. A column that may be null is also null in files that are older than the column. Files of Parquet are sorted as each table says, strings by their UTF-8 bytes; their footers hold least and greatest values of columns that are not personal, and of those that the file is sorted by.`;

const types = (): string =>
  [
    "| Type | Parquet | Athena |",
    "|---|---|---|",
    ...Object.entries(TYPES).map(([type, [parquet, athena]]) => `| ${type} | ${parquet} | ${athena} |`),
  ].join("\n");

function table(schema: LakeSchema): string {
  const place = PLACES[schema.table];
  if (place === undefined) throw new RangeError(`say in data-doc.ts where the table ${schema.table} is`);
  return [
    `## ${schema.table}\n`,
    `${schema.description} ${place} Sorted by ${schema.order.map((name) => `\`${name}\``).join(", ")}.\n`,
    "| Column | Type | Null | Personal | Meaning | Unit |",
    "|---|---|---|---|---|---|",
    ...schema.columns.map(columnLine),
  ].join("\n");
}

const columnLine = ({ name, type, nullable, personal, meaning, unit }: LakeColumn): string =>
  `| \`${name}\` | ${type} | ${nullable ? "yes" : ""} | ${personal ? "yes" : ""} | ${meaning.replaceAll("|", "\\|")} | ${unit ?? ""} |`;
