import { priceOf } from "./prices.ts";
import { invocationsOf, requestsOf, total, type Usage } from "./usage.ts";

/** One line of a bill. */
export interface BillLine {
  readonly service: string;
  readonly item: string;
  readonly quantity: number;
  readonly usd: number;
}

/** What the platform did by itself, of which the meter sees nothing. */
export interface PlatformRequests {
  /** Requests to the FIFO queue by producers and by Lambda for the router: send, receive and delete, each a batch. */
  readonly fifo: number;
}

const GIGABYTE = 1024 ** 3;
/** Functions that read a queue of repairs: Lambda receives and deletes each batch. */
const REPAIRS = ["refresh-cache", "repair-index"];

/** Prices what was counted. Nodes, storage and what is paid by the month are not in it. */
export function priceUsage(usage: Usage, platform: PlatformRequests): BillLine[] {
  const { requests, functions, workflow } = usage;
  const counted = (service: string, item: string, price: string, quantity: number): BillLine => ({
    service,
    item,
    quantity,
    usd: priceOf(price, quantity),
  });
  const gbSeconds = total(
    Object.fromEntries(Object.entries(functions).map(([name, run]) => [name, run.gbSeconds])),
  );
  const repairRuns = REPAIRS.reduce((sum, name) => sum + (functions[name]?.invocations ?? 0), 0);
  const puts = (requests["s3 PUT"] ?? 0) + (requests["s3 POST"] ?? 0);
  return [
    counted("DynamoDB", "write units", "dynamodb.write-unit", total(usage.writeUnits)),
    counted("DynamoDB", "read units", "dynamodb.read-unit", total(usage.readUnits)),
    counted("Lambda", "invocations", "lambda.request", invocationsOf(usage)),
    counted("Lambda", "GB-seconds", "lambda.gb-second", gbSeconds),
    counted("Step Functions", "executions", "states.express-request", workflow.executions),
    counted("Step Functions", "GB-seconds", "states.express-gb-second", workflow.gbSeconds),
    counted("SQS", "FIFO requests", "sqs.fifo-request", platform.fifo),
    counted("SQS", "requests for repairs", "sqs.request", repairRequests(requests) + 2 * repairRuns),
    counted("S3", "PUTs", "s3.put", puts),
    counted("S3", "GETs", "s3.get", requestsOf(usage, "s3") - puts),
    counted("CloudWatch", "GB of logs", "logs.gigabyte", (usage.logBytes + workflow.logBytes) / GIGABYTE),
  ].filter(({ quantity }) => quantity > 0);
}

/** Sends to repair queues by the router; producers' sends to the FIFO queue count with the platform's. */
const repairRequests = (requests: Usage["requests"]): number => requests["sqs SendMessageBatch"] ?? 0;

export const sumOf = (lines: readonly { readonly usd: number }[]): number =>
  lines.reduce((sum, { usd }) => sum + usd, 0);
