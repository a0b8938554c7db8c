import { Aws, Stack } from "aws-cdk-lib";
import { CfnWorkGroup } from "aws-cdk-lib/aws-athena";
import { CfnDatabase } from "aws-cdk-lib/aws-glue";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import { LakeTable } from "../constructs/lake-table.ts";
import { type LakeSchema, readLakeSchema } from "../lake-schema.ts";
import type { DataStack } from "./data-stack.ts";

/** Folder of query results in the bucket; what is there expires in days. */
export const QUERY_RESULTS = "athena-results/";

/** Folder with the list of the patterns' files, which whoever publishes them writes. */
export const PATTERN_FILES = "analytics/user_patterns/";

/** What one query may read before it is cancelled: a slip costs five cents at most. */
const BYTES_SCANNED_LIMIT = 10 * 1024 ** 3;

/** Every table of the lake: its schema, its files, and whether they lie in folders of days. */
export const LAKE_TABLES = [
  { schema: "messages", prefix: "conversations/", format: "parquet", daily: true },
  // The name that the product was commissioned with.
  {
    schema: "messages",
    name: "conversation_contexts",
    prefix: "conversations/",
    format: "parquet",
    daily: true,
  },
  { schema: "daily-metrics", prefix: "analytics/daily_metrics/", format: "json", daily: false },
  { schema: "daily-breakdown", prefix: "analytics/daily_breakdown/", format: "json", daily: false },
  { schema: "user-behavior", prefix: "analytics/user_behavior/daily/", format: "parquet", daily: true },
  // Its one file lies in a folder that has other files below it: named instead of listed.
  { schema: "user-patterns", prefix: PATTERN_FILES, format: "parquet-by-name", daily: false },
  { schema: "training-logs", prefix: "logs/", format: "json", daily: true },
  // Ids that an audit looks for, while it does.
  { schema: "erasure-audit", prefix: "staging/erasure-audit/", format: "json", daily: false },
] as const;

/** Glue database, its tables, and the Athena workgroup that is the only way to query them here. */
export class LakeCatalog extends Construct {
  readonly database: string;
  readonly workgroup: string;
  readonly #bucketArn: string;
  readonly tables: readonly { readonly name: string; readonly schema: LakeSchema }[];

  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageConfig; readonly data: DataStack },
  ) {
    super(scope, id);
    const { stage, data } = props;
    const bucketName = data.bucket.bucket.bucketName;
    this.#bucketArn = data.bucket.bucket.bucketArn;
    this.database = `hilo_${stage.name}`;
    this.workgroup = `hilo-${stage.name}`;
    const database = new CfnDatabase(this, "Database", {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: {
        name: this.database,
        description: `Hilo ${stage.name}: messages by day, metrics and patterns of their persons`,
      },
    });
    this.tables = LAKE_TABLES.map(({ schema: file, ...table }) => {
      const schema = readLakeSchema(file);
      const created = new LakeTable(this, { database: this.database, bucketName, schema, ...table });
      created.addResourceDependency(database);
      return { name: created.tableName, schema };
    });
    new CfnWorkGroup(this, "Workgroup", {
      name: this.workgroup,
      description: `Hilo ${stage.name}: encrypted results that expire, bounded queries`,
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        // What a client asks for instead is ignored: place and encryption of results, and the limit.
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: BYTES_SCANNED_LIMIT,
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: "Athena engine version 3" },
        resultConfiguration: {
          outputLocation: `s3://${bucketName}/${QUERY_RESULTS}`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: "SSE_KMS", kmsKey: data.dataKey.keyArn },
        },
      },
    });
  }

  /** Allows running queries in the workgroup and reading what the catalog says of the tables. Files are granted apart. */
  grantQueries(grantee: IGrantable): void {
    const arn = (service: string, resource: string, resourceName?: string): string =>
      Stack.of(this).formatArn({
        service,
        resource,
        ...(resourceName === undefined ? {} : { resourceName }),
      });
    Grant.addToPrincipal({
      grantee,
      actions: [
        "athena:BatchGetQueryExecution",
        "athena:GetQueryExecution",
        "athena:GetQueryResults",
        "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ],
      resourceArns: [arn("athena", "workgroup", this.workgroup)],
    });
    Grant.addToPrincipal({
      grantee,
      actions: ["athena:GetDataCatalog"],
      resourceArns: [arn("athena", "datacatalog", "AwsDataCatalog")],
    });
    Grant.addToPrincipal({
      grantee,
      actions: ["glue:GetDatabase", "glue:GetPartition", "glue:GetPartitions", "glue:GetTable"],
      resourceArns: [
        arn("glue", "catalog"),
        arn("glue", "database", this.database),
        ...this.tables.map(({ name }) => arn("glue", "table", `${this.database}/${name}`)),
      ],
    });
    Grant.addToPrincipal({
      grantee,
      actions: ["s3:GetBucketLocation"],
      resourceArns: [this.#bucketArn],
    });
  }
}
