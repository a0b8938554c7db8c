import { Duration } from "aws-cdk-lib";
import { Rule, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { Grant } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import type { ObjectAction } from "../constructs/data-bucket.ts";
import { physicalName } from "../naming.ts";
import { queryFiles } from "../query-files.ts";
import type { CacheAccess, SearchAccess } from "../store-access.ts";
import type { DataStack } from "./data-stack.ts";
import { functionCreator } from "./function-shape.ts";
import { type LakeCatalog, QUERY_RESULTS } from "./lake-catalog.ts";

const TIMEOUTS = {
  accessCache: Duration.minutes(1),
  audit: Duration.minutes(15),
  preserve: Duration.minutes(15),
};

/** After the nightly export, which writes the lake, and before requests are looked after: those find what it entered. */
const AUDIT_SCHEDULE = "cron(20 5 * * ? *)";
const PRESERVE_SCHEDULE = "cron(10 5 * * ? *)";

export interface SubjectFunctionsProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly cache: CacheAccess;
  readonly search: SearchAccess;
  readonly catalog: LakeCatalog;
}

const READ: readonly ObjectAction[] = ["s3:GetObject", "s3:GetObjectVersion"];
const UPLOAD: readonly ObjectAction[] = [
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
  "s3:PutObject",
];
/** Folders with what people sent, and what is known of them. */
const PERSONAL_FOLDERS = [
  "analytics/user_behavior/",
  "backups/",
  "conversations/",
  "logs/",
  "media/",
  "quarantine/",
  "tool-results/",
] as const;

/** Creates the functions that tell what is held about people: for access reports, legal holds, restores and audits. */
export function createSubjectFunctions(scope: Construct, props: SubjectFunctionsProps) {
  const { stage, data, cache, search, catalog } = props;
  const create = functionCreator(scope, { stage, data });
  const bucket = { BUCKET_NAME: data.bucket.bucket.bucketName };
  const hashKeys = { KEY_SECRET_ID: data.hashKeys.secretArn };

  const AccessCache = create("access-cache", {
    timeout: TIMEOUTS.accessCache,
    tables: { "erasure-ledger": ["BatchGetItem"] },
    environment: cache.restorer.environment,
    ...(cache.placement === undefined ? {} : { placement: cache.placement }),
    grant: (created) => cache.restorer.grantConnect(created),
  });
  const PreserveHeld = create("preserve-held", {
    timeout: TIMEOUTS.preserve,
    memoryMb: 1024,
    tables: {
      "conversation-contexts": ["Query"],
      "conversation-sessions": ["Query"],
      conversations: ["BatchGetItem"],
      "erasure-ledger": ["BatchGetItem"],
      identities: ["BatchGetItem", "Query"],
      "message-ids": ["Query"],
      quarantine: ["Query"],
      "user-objects": ["Query"],
      "user-profiles": ["Query"],
    },
    indexes: [
      ["conversations", "user_id-created_at-index"],
      ["erasure-ledger", "OpenIndex"],
    ],
    objects: {
      ...Object.fromEntries(PERSONAL_FOLDERS.map((folder) => [folder, READ])),
      // Its own copies, which go when a hold is lifted.
      "holds/": [...READ, ...UPLOAD, "s3:DeleteObject", "s3:DeleteObjectVersion"],
    },
    versionsOf: ["backups/", "holds/"],
    environment: {
      ...bucket,
      ...hashKeys,
      ...search.environment,
      ACCESS_CACHE_FUNCTION: AccessCache.functionName,
    },
    grant: (created) => {
      search.grantRead(created);
      Grant.addToPrincipal({
        grantee: created,
        actions: ["lambda:InvokeFunction"],
        resourceArns: [AccessCache.functionArn],
      });
    },
  });
  const AuditErasures = create("audit-erasures", {
    timeout: TIMEOUTS.audit,
    tables: {
      "erasure-ledger": ["BatchGetItem", "GetItem"],
      "erasure-subjects": ["Query"],
      "user-objects": ["BatchGetItem", "UpdateItem"],
    },
    indexes: [["erasure-ledger", "OpenIndex"]],
    files: queryFiles("erasure-audit"),
    objects: {
      "analytics/user_behavior/": READ,
      "analytics/user_patterns/": READ,
      "conversations/": READ,
      "logs/": READ,
      [QUERY_RESULTS]: ["s3:GetObject", ...UPLOAD],
      // The ids of one audit, which go with it.
      "staging/erasure-audit/": [...READ, "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"],
    },
    versionsOf: ["staging/erasure-audit/"],
    environment: {
      ...bucket,
      ...hashKeys,
      ATHENA_WORKGROUP: catalog.workgroup,
      GLUE_DATABASE: catalog.database,
    },
    grant: (created) => catalog.grantQueries(created),
  });

  new Rule(scope, "DailyAudit", {
    ruleName: physicalName(stage, "daily-audit"),
    description: "Looks through the lake for the people of open requests, whatever the index says",
    schedule: Schedule.expression(AUDIT_SCHEDULE),
    targets: [new LambdaFunction(AuditErasures)],
  });
  new Rule(scope, "DailyPreservation", {
    ruleName: physicalName(stage, "daily-preservation"),
    description: "Copies what changed of held people's data; removes the copies of who is held no more",
    schedule: Schedule.expression(PRESERVE_SCHEDULE),
    // An event of its own would not be a hold's.
    targets: [new LambdaFunction(PreserveHeld)],
  });
  return { AccessCache, AuditErasures, PreserveHeld };
}
