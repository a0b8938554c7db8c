import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import type { ObjectAction } from "../constructs/data-bucket.ts";
import { queryFiles } from "../query-files.ts";
import type { DataStack } from "./data-stack.ts";
import { functionCreator } from "./function-shape.ts";
import { type LakeCatalog, PATTERN_FILES, QUERY_RESULTS } from "./lake-catalog.ts";
import type { LakeJobs } from "./lake-jobs.ts";
import type { TableUse } from "./table-use.ts";

/** Timeouts of the functions; those of states equal `TimeoutSeconds` in the state machine's file. */
const LAKE_TIMEOUTS = {
  planExport: Duration.minutes(2),
  exportDay: Duration.minutes(15),
  finishDay: Duration.minutes(15),
  writeDailyMetrics: Duration.minutes(15),
  runGlueJob: Duration.minutes(1),
  publishStaged: Duration.minutes(15),
};

export interface LakeFunctionsProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly catalog: LakeCatalog;
  readonly jobs: LakeJobs;
}

/** What the one committer of the lake does: record its upload, check the fence, say whom an object holds. */
const COMMITTER_TABLES = {
  "lake-days": ["ConditionCheckItem", "Query", "UpdateItem"],
  "erasure-ledger": ["BatchGetItem", "ConditionCheckItem", "GetItem"],
  "user-objects": ["BatchGetItem", "UpdateItem"],
} as const satisfies TableUse;

/** A whole processor: merging, hashing and compressing a day are its work. */
const ONE_PROCESSOR_MB = 1769;

const READ: readonly ObjectAction[] = ["s3:GetObject", "s3:GetObjectVersion"];
const METRICS: readonly ObjectAction[] = ["s3:GetObject", "s3:PutObject"];
/** Replaces objects by multipart uploads; deletes nothing. */
const REPLACE: readonly ObjectAction[] = [
  ...READ,
  "s3:PutObject",
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
];

/** Creates the functions of the lake in a stack, by the states that call them. */
export function createLakeFunctions(scope: Construct, props: LakeFunctionsProps) {
  const { stage, data, catalog, jobs } = props;
  const bucket = { BUCKET_NAME: data.bucket.bucket.bucketName };
  const writer = { LAKE_WRITER: stage.lakeWriter };
  const hashKeys = { KEY_SECRET_ID: data.hashKeys.secretArn };
  const trainingLogs = { TRAINING_LOGS: stage.trainingLogs.enabled ? "on" : "off" };

  const create = functionCreator(scope, { stage, data });

  // Left to itself V8 keeps row groups for longer than they are used (ADR 0084).
  const streaming = { NODE_OPTIONS: "--max-semi-space-size=8 --max-old-space-size=256" };

  return {
    PlanExport: create("plan-export", {
      timeout: LAKE_TIMEOUTS.planExport,
      tables: { "lake-days": ["BatchGetItem", "Query"], "conversation-contexts": [], "erasure-ledger": [] },
      indexes: [
        ["lake-days", "DirtyIndex"],
        ["conversation-contexts", "DayIndex"],
      ],
      environment: { LAKE_OBJECTS: String(stage.lakeObjects) },
    }),
    ExportDay: create("export-day", {
      timeout: LAKE_TIMEOUTS.exportDay,
      memoryMb: ONE_PROCESSOR_MB,
      tables: {
        "conversation-contexts": [],
        ...COMMITTER_TABLES,
        "user-profiles": ["BatchGetItem"],
      },
      indexes: [["conversation-contexts", "DayIndex"]],
      objects: { "conversations/": REPLACE, "logs/": REPLACE, "staging/": READ },
      environment: {
        ...bucket,
        ...hashKeys,
        ...streaming,
        ...writer,
        ...trainingLogs,
        TRAINING_LOGS_PSEUDONYMISE: String(stage.trainingLogs.pseudonymise),
        TRAINING_LOGS_REDACT: String(stage.trainingLogs.redact),
      },
    }),
    FinishDay: create("finish-day", {
      timeout: LAKE_TIMEOUTS.finishDay,
      memoryMb: ONE_PROCESSOR_MB,
      tables: {
        "lake-days": ["ConditionCheckItem", "Query", "UpdateItem"],
        "user-objects": ["BatchGetItem"],
        // The days' adapter asks for its name; nothing here reads it.
        "erasure-ledger": [],
      },
      objects: { "conversations/": READ, "logs/": READ },
      environment: {
        ...bucket,
        ...streaming,
        ...writer,
        ...trainingLogs,
        INDEX_LAG_SECONDS: String(stage.indexLag.toSeconds()),
      },
    }),
    WriteDailyMetrics: create("write-daily-metrics", {
      timeout: LAKE_TIMEOUTS.writeDailyMetrics,
      tables: {},
      files: queryFiles("daily-metrics", "daily-breakdown", "data-quality"),
      objects: {
        "conversations/": ["s3:GetObject"],
        "analytics/daily_metrics/": METRICS,
        "analytics/daily_breakdown/": METRICS,
        "analytics/data_quality/": METRICS,
        [QUERY_RESULTS]: [
          "s3:GetObject",
          "s3:PutObject",
          "s3:AbortMultipartUpload",
          "s3:ListMultipartUploadParts",
        ],
      },
      environment: {
        ...bucket,
        ATHENA_WORKGROUP: catalog.workgroup,
        GLUE_DATABASE: catalog.database,
        REPORTING_TIMEZONE: stage.reportingTimezone,
      },
      grant: (created) => catalog.grantQueries(created),
    }),
    RunGlueJob: create("run-glue-job", {
      timeout: LAKE_TIMEOUTS.runGlueJob,
      tables: {},
      // DynamoDB exports with the rights of who asks for it.
      objects: { "raw-exports/": ["s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload"] },
      environment: {
        ...bucket,
        GLUE_JOB_EXPORT_CONVERSATIONS: jobs.names["export-conversations"],
        GLUE_JOB_DAILY_CONVERSATION_ANALYTICS: jobs.names["daily-conversation-analytics"],
        CONVERSATION_CONTEXTS_TABLE_ARN: data.tables["conversation-contexts"].tableArn,
        // Exports are under S3's own key unless they name one.
        BUCKET_KEY_ARN: data.dataKey.keyArn,
      },
      grant: (created) => {
        jobs.grantRun(created);
        data.tables["conversation-contexts"].grantExport(created);
      },
    }),
    PublishStaged: create("publish-staged", {
      timeout: LAKE_TIMEOUTS.publishStaged,
      memoryMb: ONE_PROCESSOR_MB,
      tables: COMMITTER_TABLES,
      objects: { "staging/": READ, "analytics/user_behavior/": REPLACE, [PATTERN_FILES]: REPLACE },
      environment: { ...bucket, ...hashKeys, ...writer },
    }),
  };
}
