import { Aws } from "aws-cdk-lib";
import { CfnTable } from "aws-cdk-lib/aws-glue";
import type { Construct } from "constructs";
import { catalogColumn, type LakeSchema } from "../lake-schema.ts";
import { pascalCase } from "../naming.ts";

/** First and last year of the partitions; projection wants an end. */
export const FIRST_YEAR = 2020;
export const LAST_YEAR = 2035;

/** How the files of a table are read. */
const FORMATS = {
  parquet: {
    inputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    serdeInfo: { serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
    classification: "parquet",
  },
  /** Parquet files that a text file in the table's folder names, one a line. */
  "parquet-by-name": {
    inputFormat: "org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    serdeInfo: { serializationLibrary: "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" },
    classification: "parquet",
  },
  /** One JSON object a line. */
  json: {
    inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
    outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
    serdeInfo: { serializationLibrary: "org.openx.data.jsonserde.JsonSerDe" },
    classification: "json",
  },
} as const;

export interface LakeTableProps {
  readonly database: string;
  /** Name of the table. @default that of the schema */
  readonly name?: string;
  readonly schema: LakeSchema;
  readonly bucketName: string;
  /** Folder of the files in the bucket, with the slash at its end. */
  readonly prefix: string;
  readonly format: keyof typeof FORMATS;
  /** Whether the folder has `year=YYYY/month=MM/day=DD/`, which are computed and never listed or registered. */
  readonly daily: boolean;
}

/** A table of the catalog whose columns come from its neutral schema. No crawler: nobody guesses types. */
export class LakeTable extends CfnTable {
  readonly tableName: string;

  constructor(scope: Construct, props: LakeTableProps) {
    const { schema, name = schema.table, format } = props;
    const location = `s3://${props.bucketName}/${props.prefix}`;
    const { classification, ...files } = FORMATS[format];
    super(scope, `${pascalCase(name.replaceAll("_", "-"))}Table`, {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: props.database,
      tableInput: {
        name,
        description: schema.description,
        tableType: "EXTERNAL_TABLE",
        parameters: { classification, EXTERNAL: "TRUE", ...(props.daily ? projection(location) : {}) },
        ...(props.daily ? { partitionKeys: PARTITION_KEYS } : {}),
        storageDescriptor: { ...files, location, columns: schema.columns.map(catalogColumn) },
      },
    });
    this.tableName = name;
  }
}

const PARTITION_KEYS = ["year", "month", "day"].map((name) => ({
  name,
  type: "int",
  comment: `UTC ${name} of the folder. Name it in every WHERE: only what is named is read.`,
}));

/** Partitions that follow from the parameters: a day's folder is known before anything is written into it. */
function projection(location: string): Record<string, string> {
  const integer = (name: string, range: string): Record<string, string> => ({
    [`projection.${name}.type`]: "integer",
    [`projection.${name}.range`]: range,
  });
  return {
    "projection.enabled": "true",
    ...integer("year", `${FIRST_YEAR},${LAST_YEAR}`),
    ...integer("month", "1,12"),
    "projection.month.digits": "2",
    ...integer("day", "1,31"),
    "projection.day.digits": "2",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Athena fills these in.
    "storage.location.template": `${location}${"year=${year}/month=${month}/day=${day}/"}`,
  };
}
