import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import type { ObjectAction } from "../constructs/data-bucket.ts";
import { HiloFunction } from "../constructs/hilo-function.ts";
import { hasLanded } from "../landed.ts";
import type { DataStack } from "./data-stack.ts";
import { type LakeCatalog, QUERY_RESULTS } from "./lake-catalog.ts";
import type { LakeJobs } from "./lake-jobs.ts";
import { grantTables, type TableUse, tableVariables } from "./table-use.ts";

/** Timeouts of the functions; those of states equal `TimeoutSeconds` in the state machine's file. */
export const LAKE_TIMEOUTS = {
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

interface FunctionShape {
  readonly timeout: Duration;
  readonly memoryMb?: number;
  readonly tables: TableUse;
  /** Actions on objects, by folder. */
  readonly objects?: Readonly<Record<string, readonly ObjectAction[]>>;
  readonly environment?: Readonly<Record<string, string>>;
}

/** A whole processor: merging, hashing and compressing a day are its work. */
const ONE_PROCESSOR_MB = 1769;

const READ: readonly ObjectAction[] = ["s3:GetObject", "s3:GetObjectVersion"];
/** Replaces objects by multipart uploads; deletes nothing. */
const REPLACE: readonly ObjectAction[] = [
  ...READ,
  "s3:PutObject",
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
];

/** Creates the functions of the lake in a stack; the state machine is wired to them there. */
export function createLakeFunctions(scope: Construct, props: LakeFunctionsProps) {
  if (
    !["plan-export", "export-day", "finish-day", "write-daily-metrics", "run-glue-job"].every((name) =>
      hasLanded("functions", "handlers", name, "index.ts"),
    )
  )
    return undefined;
  const { stage, data, catalog, jobs } = props;
  const bucket = { BUCKET_NAME: data.bucket.bucket.bucketName };
  const hashKeys = { KEY_SECRET_ID: data.hashKeys.secretArn };
  const days = { LAKE_OBJECTS: String(stage.lakeObjects) };
  const indexLag = { INDEX_LAG_SECONDS: String(stage.indexLag.toSeconds()) };
  const writing = {
    ...bucket,
    ...hashKeys,
    ...days,
    ...indexLag,
    LAKE_WRITER: stage.lakeWriter,
    TRAINING_LOGS: stage.trainingLogs.enabled ? "on" : "off",
    TRAINING_LOGS_PSEUDONYMISE: String(stage.trainingLogs.pseudonymise),
    TRAINING_LOGS_REDACT: String(stage.trainingLogs.redact),
  };

  const create = (name: string, shape: FunctionShape): HiloFunction => {
    const created = new HiloFunction(scope, {
      stage,
      name,
      timeout: shape.timeout,
      logKey: data.operationsKey,
      environment: { ...tableVariables(data, shape.tables), ...shape.environment },
      ...(shape.memoryMb === undefined ? {} : { memoryMb: shape.memoryMb }),
    });
    grantTables(data, created, shape.tables);
    const folders = Object.entries(shape.objects ?? {});
    for (const [prefix, actions] of folders) {
      const reason = `objects of the folder ${prefix}: days, of which there is a new one every day`;
      data.bucket.grantObjects(created.executionRole, prefix, actions, reason);
    }
    if (folders.length > 0) {
      const prefixes = folders.map(([prefix]) => prefix);
      data.bucket.grantList(created.executionRole, "s3:ListBucket", prefixes);
    }
    return created;
  };

  const planExport = create("plan-export", {
    timeout: LAKE_TIMEOUTS.planExport,
    tables: { "lake-days": ["BatchGetItem", "GetItem", "Query"], "conversation-contexts": [] },
    environment: { ...days, ...indexLag },
  });
  data.tables["lake-days"].grantIndexQuery(planExport, "DirtyIndex");
  data.tables["conversation-contexts"].grantIndexQuery(planExport, "DayIndex");

  const exportDay = create("export-day", {
    timeout: LAKE_TIMEOUTS.exportDay,
    memoryMb: ONE_PROCESSOR_MB,
    tables: {
      "conversation-contexts": [],
      "lake-days": ["ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"],
      "erasure-ledger": ["BatchGetItem", "ConditionCheckItem", "GetItem"],
      "user-objects": ["BatchGetItem", "PutItem", "UpdateItem"],
      "user-profiles": ["BatchGetItem"],
    },
    objects: { "conversations/": REPLACE, "logs/": REPLACE, "staging/": READ },
    environment: writing,
  });
  data.tables["conversation-contexts"].grantIndexQuery(exportDay, "DayIndex");
  data.grantHashKeys(exportDay);
  data.bucket.grantList(exportDay.executionRole, "s3:ListBucketMultipartUploads", [
    "conversations/",
    "logs/",
  ]);

  const finishDay = create("finish-day", {
    timeout: LAKE_TIMEOUTS.finishDay,
    memoryMb: ONE_PROCESSOR_MB,
    tables: {
      "lake-days": ["ConditionCheckItem", "GetItem", "Query", "UpdateItem"],
      "user-objects": ["BatchGetItem"],
    },
    objects: { "conversations/": READ, "logs/": READ },
    environment: writing,
  });

  const writeDailyMetrics = create("write-daily-metrics", {
    timeout: LAKE_TIMEOUTS.writeDailyMetrics,
    tables: {},
    objects: {
      "conversations/": ["s3:GetObject"],
      "analytics/": ["s3:GetObject", "s3:PutObject"],
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
  });
  catalog.grantQueries(writeDailyMetrics);

  const runGlueJob = create("run-glue-job", {
    timeout: LAKE_TIMEOUTS.runGlueJob,
    tables: {},
    environment: bucket,
  });
  jobs.grantRun(runGlueJob);

  return { planExport, exportDay, finishDay, writeDailyMetrics, runGlueJob };
}
