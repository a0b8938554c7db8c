import { FIRST_YEAR, LAST_YEAR } from "../../../infra/constructs/lake-table.ts";
import { readLakeSchema } from "../../../infra/lake-schema.ts";
import type { LAKE_TABLES } from "../../../infra/stacks/lake-catalog.ts";

/** Where people put their bucket's name. */
const BUCKET = "BUCKET";

const FORMATS = {
  parquet: "STORED AS PARQUET",
  "parquet-by-name": `ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'`,
  json: "ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'",
} as const;

const TYPES = { json: "string" } as Readonly<Record<string, string>>;

/** The statement that creates a table of the lake in Athena, from its neutral schema. */
export function tableStatement(table: (typeof LAKE_TABLES)[number]): string {
  const schema = readLakeSchema(table.schema);
  const name = "name" in table ? table.name : schema.table;
  const columns = schema.columns.map(
    (column) =>
      `  \`${column.name}\` ${TYPES[column.type] ?? column.type} COMMENT '${escaped(
        `${column.meaning}${column.unit === undefined ? "" : ` Unit: ${column.unit}.`}${
          column.personal ? " Personal data." : ""
        }`,
      )}'`,
  );
  const location = `s3://${BUCKET}/${table.prefix}`;
  return `-- ${schema.description}
-- For a catalog that CDK does not look after: put the bucket's name for ${BUCKET}.
CREATE EXTERNAL TABLE IF NOT EXISTS ${name} (
${columns.join(",\n")}
)
COMMENT '${escaped(schema.description)}'
${table.daily ? "PARTITIONED BY (`year` int, `month` int, `day` int)\n" : ""}${FORMATS[table.format]}
LOCATION '${location}'${table.daily ? projection(location) : ""};
`;
}

function projection(location: string): string {
  const properties = {
    "projection.enabled": "true",
    "projection.year.type": "integer",
    "projection.year.range": `${FIRST_YEAR},${LAST_YEAR}`,
    "projection.month.type": "integer",
    "projection.month.range": "1,12",
    "projection.month.digits": "2",
    "projection.day.type": "integer",
    "projection.day.range": "1,31",
    "projection.day.digits": "2",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena fills these in.
    "storage.location.template": `${location}${"year=${year}/month=${month}/day=${day}/"}`,
  };
  const lines = Object.entries(properties).map(([name, value]) => `  '${name}' = '${value}'`);
  return `\nTBLPROPERTIES (\n${lines.join(",\n")}\n)`;
}

const escaped = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
