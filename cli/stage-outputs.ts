import { CloudFormationClient, paginateDescribeStacks, type Stack } from "@aws-sdk/client-cloudformation";
import { CommandFailure } from "./failure.ts";
import type { StageConnection } from "./stage-connection.ts";

/** Physical names and addresses of a deployed stage, as its stacks put them out. */
export interface StageOutputs {
  /** Physical table names by logical name, such as `conversation-contexts`. */
  readonly tables: Readonly<Record<string, string>>;
  /** ARNs by logical name, such as `message-pipeline`. */
  readonly stateMachines: Readonly<Record<string, string>>;
  /** Function names by logical name, such as `read-context`. */
  readonly functions: Readonly<Record<string, string>>;
  readonly bucket: string;
  /** Name of the queue that events come in by, and of its dead-letter queue. */
  readonly queue: string;
  readonly queueUrl: string;
  readonly deadLetterQueue: string;
  readonly deadLetterQueueUrl: string;
  /** Queues of what lags: users whose cache, rows whose search document must be made anew. */
  readonly refreshCacheQueueUrl: string;
  readonly repairIndexQueueUrl: string;
  readonly refreshCacheDeadLetterQueueUrl: string;
  readonly repairIndexDeadLetterQueueUrl: string;
  /** ARN of the secret that holds the keys of all hashes. */
  readonly keySecret: string;
  readonly redisUrl: string;
  readonly openSearchUrl: string;
  /** Key that signs receipts of erasures; `undefined` where the stage has none. */
  readonly receiptKeyId?: string;
  /** Where the lake is queried; `undefined` where the stage has none. */
  readonly lake?: LakeOutputs;
}

/** What queries of the lake need to know of a stage. */
export interface LakeOutputs {
  readonly database: string;
  readonly workGroup: string;
  /** Zone whose days and hours its metrics count. */
  readonly timeZone: string;
}

/**
 * Reads the outputs of all stacks of a stage.
 * @throws CommandFailure when the stage is not deployed, is being changed, or cannot be asked
 */
export async function readStageOutputs(connection: StageConnection): Promise<StageOutputs> {
  const { stage } = connection;
  const stacks = await describeStacks(connection);
  if (stacks.length === 0) throw new CommandFailure(notDeployed(stage));
  const unfinished = stacks.find(({ StackStatus }) => !isComplete(StackStatus));
  if (unfinished)
    throw new CommandFailure(
      `Stack ${unfinished.StackName} is in state ${unfinished.StackStatus}: wait for its deployment, or repeat it`,
    );
  const values = new Map<string, string>();
  for (const { OutputKey, OutputValue } of stacks.flatMap(({ Outputs }) => Outputs ?? []))
    if (OutputKey && OutputValue) values.set(OutputKey, OutputValue);
  return parseOutputs(stage, values);
}

/** Turns the merged outputs of a stage's stacks into names. Output keys are `<Kind><LogicalName in Pascal case>`. */
export function parseOutputs(stage: string, values: ReadonlyMap<string, string>): StageOutputs {
  const one = (key: string): string => {
    const value = values.get(key);
    if (value === undefined)
      throw new CommandFailure(`The stacks of stage ${stage} lack the output ${key}: deploy them again`);
    return value;
  };
  const all = (kind: string): Record<string, string> =>
    Object.fromEntries(
      [...values]
        .filter(([key]) => key.startsWith(kind) && /[A-Z]/.test(key.charAt(kind.length)))
        .map(([key, value]) => [logicalName(key.slice(kind.length)), value]),
    );
  const [database, workGroup] = [values.get("GlueDatabase"), values.get("AthenaWorkgroup")];
  const timeZone = values.get("ReportingTimezone") ?? "UTC";
  const receiptKeyId = values.get("ReceiptKeyId");
  return {
    tables: all("Table"),
    stateMachines: all("StateMachine"),
    functions: all("Function"),
    bucket: one("Bucket"),
    queue: one("Queue"),
    queueUrl: one("QueueUrl"),
    deadLetterQueue: one("DeadLetterQueue"),
    deadLetterQueueUrl: one("DeadLetterQueueUrl"),
    refreshCacheQueueUrl: one("RefreshCacheQueueUrl"),
    repairIndexQueueUrl: one("RepairIndexQueueUrl"),
    refreshCacheDeadLetterQueueUrl: one("RefreshCacheDeadLetterQueueUrl"),
    repairIndexDeadLetterQueueUrl: one("RepairIndexDeadLetterQueueUrl"),
    keySecret: one("KeySecret"),
    redisUrl: one("RedisUrl"),
    openSearchUrl: one("OpenSearchUrl"),
    ...(receiptKeyId !== undefined && { receiptKeyId }),
    ...(database !== undefined && workGroup !== undefined && { lake: { database, workGroup, timeZone } }),
  };
}

/** Whether a stack is deployed and was left as its template says. */
export function isComplete(status: string | undefined): boolean {
  return status === "CREATE_COMPLETE" || status === "UPDATE_COMPLETE" || status === "IMPORT_COMPLETE";
}

async function describeStacks({ stage, aws }: StageConnection): Promise<Stack[]> {
  const client = new CloudFormationClient(aws);
  try {
    const stacks: Stack[] = [];
    for await (const page of paginateDescribeStacks({ client }, {}))
      stacks.push(...(page.Stacks ?? []).filter(({ StackName }) => StackName?.startsWith(`hilo-${stage}-`)));
    return stacks;
  } catch (error) {
    const cause = error instanceof Error ? error.name : "unknown error";
    const remedy =
      stage === "local" ? "start it with: npx hilo up" : "check region and credentials with: npx hilo doctor";
    throw new CommandFailure(`Stage ${stage} cannot be asked for its stacks (${cause}): ${remedy}`);
  } finally {
    client.destroy();
  }
}

function notDeployed(stage: string): string {
  const remedy = stage === "local" ? "npx hilo up" : `HILO_STAGE=${stage} npx cdk deploy --all`;
  return `Stage ${stage} is not deployed. Deploy it with: ${remedy}`;
}

/** `StoreToDynamoDB` is `store-to-dynamodb`: the two products' names count as one word. */
function logicalName(pascal: string): string {
  const words = pascal.replaceAll("DynamoDB", "Dynamodb").replaceAll("OpenSearch", "Opensearch");
  return words.replace(/(?<!^)([A-Z])/g, "-$1").toLowerCase();
}
