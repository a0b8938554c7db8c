import { Duration } from "aws-cdk-lib";
import { Grant, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import { MESSAGE_PIPELINE_TIMEOUT } from "../constructs/asl-state-machine.ts";
import type { ItemAction } from "../constructs/data-table.ts";
import { HiloFunction, type HiloFunctionProps } from "../constructs/hilo-function.ts";
import type { CacheAccess, SearchAccess } from "../store-access.ts";
import type { DataStack } from "./data-stack.ts";
import { grantTables, type TableUse, tableVariables } from "./table-use.ts";

/**
 * Timeouts of the functions. Those of states equal `TimeoutSeconds` in the state machine's file. The order
 * that keeps effects single: visibility = 6 × router > call of the workflow > machine > sum of its attempts.
 */
export const TIMEOUTS = {
  storeInCache: Duration.seconds(3),
  storeToDynamoDB: Duration.seconds(12),
  indexToOpenSearch: Duration.seconds(5),
  performAnalytics: Duration.seconds(5),
  workflowCall: Duration.seconds(MESSAGE_PIPELINE_TIMEOUT.toSeconds() + 5),
  router: Duration.seconds(MESSAGE_PIPELINE_TIMEOUT.toSeconds() + 10),
  readContext: Duration.seconds(5),
  refreshCache: Duration.seconds(10),
  repairIndex: Duration.seconds(30),
  drainDeadLetters: Duration.seconds(30),
  compareContexts: Duration.seconds(30),
  repairDay: Duration.minutes(15),
};

export interface PipelineFunctionsProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly cache: CacheAccess;
  readonly search: SearchAccess;
}

interface FunctionShape {
  readonly timeout: Duration;
  readonly tables: TableUse;
  readonly environment?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly memoryMb?: number;
  readonly usesCache?: true;
  readonly usesSearch?: "bulk" | "repair";
}

/** Creates the functions in a stack; queues and the state machine are wired to them there. */
export function createPipelineFunctions(scope: Construct, props: PipelineFunctionsProps) {
  const { stage, data, cache, search } = props;

  const create = (name: string, shape: FunctionShape): HiloFunction => {
    const functionProps: HiloFunctionProps = {
      stage,
      name,
      timeout: shape.timeout,
      logKey: data.operationsKey,
      environment: {
        ...tableVariables(data, shape.tables),
        ...(shape.usesCache ? cache.environment : {}),
        ...(shape.usesSearch ? search.environment : {}),
        ...shape.environment,
      },
      ...(shape.files === undefined ? {} : { files: shape.files }),
      ...(shape.memoryMb === undefined ? {} : { memoryMb: shape.memoryMb }),
      ...(shape.usesCache && cache.placement !== undefined ? { placement: cache.placement } : {}),
    };
    const created = new HiloFunction(scope, functionProps);
    grantTables(data, created, shape.tables);
    if (shape.usesCache) cache.grantConnect(created);
    if (shape.usesSearch === "bulk") search.grantBulk(created);
    if (shape.usesSearch === "repair") search.grantRepair(created);
    return created;
  };

  const router = create("router", {
    timeout: TIMEOUTS.router,
    tables: {
      quarantine: ["PutItem"],
      "erasure-ledger": ["BatchGetItem", "ConditionCheckItem"],
      "user-objects": ["PutItem"],
    },
    environment: {
      BUCKET_NAME: data.bucket.bucket.bucketName,
      KEY_SECRET_ID: data.hashKeys.secretArn,
      ANALYZE_MESSAGES: String(stage.analyzeMessages),
      WORKFLOW_CALL_TIMEOUT_MS: String(TIMEOUTS.workflowCall.toMilliseconds()),
    },
  });
  data.grantHashKeys(router);
  data.bucket.grantPut(router, "quarantine/");
  data.bucket.grantPut(router, "tool-results/");

  const drainDeadLetters = create("drain-dead-letters", {
    timeout: TIMEOUTS.drainDeadLetters,
    tables: {
      quarantine: ["PutItem"],
      "erasure-ledger": ["BatchGetItem", "ConditionCheckItem"],
      "user-objects": ["PutItem"],
    },
    environment: {
      BUCKET_NAME: data.bucket.bucket.bucketName,
      KEY_SECRET_ID: data.hashKeys.secretArn,
    },
  });
  data.grantHashKeys(drainDeadLetters);
  data.bucket.grantPut(drainDeadLetters, "quarantine/");

  const compareContexts = create("compare-contexts", {
    timeout: TIMEOUTS.compareContexts,
    tables: { "conversation-contexts": ["Query"], "erasure-ledger": ["BatchGetItem"] },
    usesCache: true,
  });
  const repairDay = create("repair-day", {
    timeout: TIMEOUTS.repairDay,
    tables: { "conversation-contexts": ["BatchGetItem"], "erasure-ledger": ["BatchGetItem"] },
    environment: {
      COMPARE_CONTEXTS_FUNCTION: compareContexts.functionName,
      COMPARE_CONTEXTS_TIMEOUT_MS: String(TIMEOUTS.compareContexts.toMilliseconds() + 5_000),
      KEY_SECRET_ID: data.hashKeys.secretArn,
    },
    usesSearch: "repair",
  });
  data.grantHashKeys(repairDay);
  data.tables["conversation-contexts"].grantIndexQuery(repairDay, "DayIndex");
  Grant.addToPrincipal({
    grantee: repairDay,
    actions: ["lambda:InvokeFunction"],
    resourceArns: [compareContexts.functionArn],
  });

  const performAnalytics = create("perform-analytics", {
    timeout: TIMEOUTS.performAnalytics,
    // It learns its examples when it starts, within the state's time limit: a larger share of a processor.
    memoryMb: 1024,
    tables: {
      "conversation-contexts": ["BatchGetItem", "PartiQLUpdate"],
      "erasure-ledger": ["BatchGetItem"],
      "lake-days": MARKS,
      // The store's adapter asks for their names; write-backs do not touch them.
      "message-ids": [],
      "user-profiles": [],
      conversations: [],
    },
    environment: {
      ANALYZER: stage.analyzer,
      ...(stage.intentsFile === undefined ? {} : { INTENTS_FILE: INTENTS_IN_ASSET }),
    },
    ...(stage.intentsFile === undefined ? {} : { files: { [INTENTS_IN_ASSET]: stage.intentsFile } }),
  });
  if (stage.analyzer === "comprehend") allowComprehend(performAnalytics);

  return {
    router,
    drainDeadLetters,
    compareContexts,
    repairDay,
    storeInCache: create("store-in-cache", { timeout: TIMEOUTS.storeInCache, tables: {}, usesCache: true }),
    storeToDynamoDB: create("store-to-dynamodb", {
      timeout: TIMEOUTS.storeToDynamoDB,
      tables: {
        "conversation-contexts": ITEM_WRITER,
        "message-ids": ITEM_WRITER,
        "user-profiles": ITEM_WRITER,
        conversations: ITEM_WRITER,
        "erasure-ledger": ["GetItem", "ConditionCheckItem"],
        "lake-days": MARKS,
      },
    }),
    indexToOpenSearch: create("index-to-opensearch", {
      timeout: TIMEOUTS.indexToOpenSearch,
      tables: { "conversation-contexts": ["BatchGetItem"] },
      usesSearch: "bulk",
    }),
    performAnalytics,
    readContext: create("read-context", {
      timeout: TIMEOUTS.readContext,
      tables: { "conversation-contexts": ["Query"], "erasure-ledger": ["BatchGetItem"] },
      usesCache: true,
    }),
    refreshCache: create("refresh-cache", {
      timeout: TIMEOUTS.refreshCache,
      tables: { "conversation-contexts": ["BatchGetItem"], "erasure-ledger": ["BatchGetItem"] },
      usesCache: true,
    }),
    repairIndex: create("repair-index", {
      timeout: TIMEOUTS.repairIndex,
      tables: { "conversation-contexts": ["BatchGetItem"], "erasure-ledger": ["BatchGetItem"] },
      usesSearch: "bulk",
    }),
  };
}

/** Name of the bot's own intents beside the function's code. */
const INTENTS_IN_ASSET = "intents.json";

function allowComprehend(performAnalytics: HiloFunction): void {
  performAnalytics.executionRole.addToPolicy(
    new PolicyStatement({
      sid: "Comprehend",
      actions: ["comprehend:BatchDetectDominantLanguage", "comprehend:BatchDetectSentiment"],
      resources: ["*"],
    }),
  );
  acceptFinding(
    performAnalytics.executionRole,
    "AwsSolutions-IAM5[Resource::*]",
    "these actions of Comprehend take no resource",
  );
}

/** Reads what is there, then puts onto exactly that. */
const ITEM_WRITER: readonly ItemAction[] = ["BatchGetItem", "PutItem"];
/** Marks the day of a late row dirty. */
const MARKS: readonly ItemAction[] = ["UpdateItem"];
