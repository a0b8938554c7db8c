import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import type { ObjectAction } from "../constructs/data-bucket.ts";
import type { CacheAccess, SearchAccess } from "../store-access.ts";
import type { DataStack } from "./data-stack.ts";
import { functionCreator } from "./function-shape.ts";
import type { TableUse } from "./table-use.ts";

/** Timeouts of the functions; those of states equal `TimeoutSeconds` in the state machines' files. */
const TIMEOUTS = {
  plan: Duration.minutes(15),
  finishPlan: Duration.minutes(5),
  approve: Duration.minutes(5),
  fence: Duration.minutes(15),
  abort: Duration.minutes(5),
  erase: Duration.minutes(15),
  finish: Duration.minutes(15),
  recheck: Duration.minutes(15),
};

export interface ErasureFunctionsProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly cache: CacheAccess;
  readonly search: SearchAccess;
}

/** An eraser reads whom, asks who is held, and writes counts and how its stores are doing. */
const COUNTS = {
  "erasure-ledger": ["BatchGetItem", "GetItem", "UpdateItem"],
  "erasure-subjects": ["Query"],
} as const satisfies TableUse;
/** Notes what it touches with the subjects, too, or replaces or removes them. */
const NOTES = { ...COUNTS, "erasure-subjects": ["BatchWriteItem", "Query"] } as const satisfies TableUse;
/** Replaces people's ids by those that were found, with their fences. */
const RESOLVES = { ...NOTES, identities: ["Query"] } as const satisfies TableUse;
/** Opens a request: its ids, then itself. */
const OPENS = {
  "erasure-ledger": ["GetItem", "PutItem"],
  "erasure-subjects": ["BatchWriteItem"],
} as const satisfies TableUse;

const READS: readonly ObjectAction[] = ["s3:GetObject", "s3:GetObjectVersion"];
const REMOVES: readonly ObjectAction[] = [
  ...READS,
  "s3:AbortMultipartUpload",
  "s3:DeleteObject",
  "s3:DeleteObjectVersion",
  "s3:ListMultipartUploadParts",
];
/** Removes people from objects that hold others, too. */
const REWRITES: readonly ObjectAction[] = [...REMOVES, "s3:PutObject"];

/** Every folder that holds people's data, and what erasing does to its objects. */
const ERASED_FOLDERS: Readonly<Record<string, readonly ObjectAction[]>> = {
  "analytics/user_behavior/": REWRITES,
  "athena-results/": REMOVES,
  "backups/": REWRITES,
  "conversations/": REWRITES,
  "holds/": REMOVES,
  "logs/": REWRITES,
  "media/": REMOVES,
  "quarantine/": REMOVES,
  "raw-exports/": REMOVES,
  // Marks the runs that it takes files from.
  "staging/": REWRITES,
  "tool-results/": REMOVES,
};

/** Creates the functions of the erasure in a stack, by their names. */
export function createErasureFunctions(scope: Construct, props: ErasureFunctionsProps) {
  const { stage, data, cache, search } = props;
  const create = functionCreator(scope, { stage, data });
  const bucket = { BUCKET_NAME: data.bucket.bucket.bucketName };
  const hashKeys = { KEY_SECRET_ID: data.hashKeys.secretArn };
  // What decoding a day leaves behind goes soon (ADR 0084).
  const streaming = { NODE_OPTIONS: "--max-semi-space-size=8 --max-old-space-size=1024" };
  const drain = { ERASURE_DRAIN_SECONDS: String(stage.erasureDrain.toSeconds()) };

  return {
    RequestErasure: create("request-erasure", { timeout: TIMEOUTS.approve, tables: OPENS }),
    PlanErasure: create("plan-erasure", {
      timeout: TIMEOUTS.plan,
      tables: RESOLVES,
      environment: hashKeys,
    }),
    FinishPlan: create("finish-plan", {
      timeout: TIMEOUTS.finishPlan,
      tables: COUNTS,
      environment: { ...drain, ...hashKeys },
    }),
    ApproveErasure: create("approve-erasure", {
      timeout: TIMEOUTS.approve,
      tables: RESOLVES,
      environment: hashKeys,
    }),
    FencePeople: create("fence-people", {
      timeout: TIMEOUTS.fence,
      tables: RESOLVES,
      environment: { ...hashKeys, ...drain },
    }),
    AbortUploads: create("abort-uploads", {
      timeout: TIMEOUTS.abort,
      tables: {
        // The adapters ask for the ledger's name; nothing here reads it.
        "erasure-ledger": [],
        "erasure-subjects": ["Query"],
        "lake-days": ["BatchGetItem"],
        "user-objects": ["Query"],
      },
      indexes: [["lake-days", "DirtyIndex"]],
      objects: Object.fromEntries(Object.keys(ERASED_FOLDERS).map((folder) => [folder, ABORTS])),
      environment: bucket,
      grant: (created) => data.bucket.grantListUploads(created.executionRole),
    }),
    EraseCache: create("erase-cache", {
      timeout: TIMEOUTS.erase,
      tables: COUNTS,
      environment: cache.environment,
      ...(cache.placement === undefined ? {} : { placement: cache.placement }),
      grant: (created) => cache.grantConnect(created),
    }),
    EraseTables: create("erase-tables", {
      timeout: TIMEOUTS.erase,
      tables: {
        ...NOTES,
        "conversation-contexts": DELETES,
        "conversation-sessions": DELETES,
        conversations: ["BatchGetItem", "PartiQLDelete"],
        identities: ["BatchGetItem", ...DELETES],
        "message-ids": DELETES,
        quarantine: DELETES,
        "user-profiles": DELETES,
      },
      indexes: [["conversations", "user_id-created_at-index"]],
    }),
    EraseSearch: create("erase-search", {
      timeout: TIMEOUTS.erase,
      tables: COUNTS,
      environment: search.environment,
      grant: (created) => search.grantErase(created),
    }),
    EraseObjects: create("erase-objects", {
      timeout: TIMEOUTS.erase,
      memoryMb: ONE_PROCESSOR_MB,
      tables: {
        ...NOTES,
        "erasure-ledger": [...COUNTS["erasure-ledger"], "ConditionCheckItem"],
        "lake-days": ["ConditionCheckItem", "Query", "UpdateItem"],
        "user-objects": ["BatchGetItem", "DeleteItem", "Query", "UpdateItem"],
      },
      objects: ERASED_FOLDERS,
      versionsOf: Object.keys(ERASED_FOLDERS),
      environment: { ...bucket, ...drain, ...hashKeys, ...streaming, LAKE_WRITER: stage.lakeWriter },
    }),
    FinishErasure: create("finish-erasure", {
      timeout: TIMEOUTS.finish,
      tables: NOTES,
      environment: { RECEIPT_KEY_ID: data.receiptKey.keyId, SOFTWARE: SOFTWARE },
      grant: (created) => data.receiptKey.grant(created, "kms:GetPublicKey", "kms:Sign"),
    }),
    RecheckErasures: create("recheck-erasures", {
      timeout: TIMEOUTS.recheck,
      tables: NOTES,
      indexes: [["erasure-ledger", "OpenIndex"]],
      environment: hashKeys,
    }),
  };
}

/** `hilo` and its version, as receipts say it. */
const SOFTWARE = `hilo ${packageVersion()}`;

function packageVersion(): string {
  const file = join(import.meta.dirname, "..", "..", "package.json");
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string };
  return version;
}

/** A whole processor: decoding and compressing row groups is its work. */
const ONE_PROCESSOR_MB = 1769;

/** Finds a person's items and deletes each by a statement with a condition. */
const DELETES = ["PartiQLDelete", "Query"] as const;

/** Aborts uploads that are recorded, and looks whether they are gone. */
const ABORTS: readonly ObjectAction[] = ["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
