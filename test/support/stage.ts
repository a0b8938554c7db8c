import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Client as OpenSearchClient } from "@opensearch-project/opensearch";
import { Redis } from "ioredis";
import { z } from "zod";
import { readStageOutputs, type StageOutputs } from "../../cli/stage-outputs.ts";
import { readStatus } from "../../cli/stage-status.ts";
import { localAwsOptions } from "../../local/aws-options.ts";

/** Endpoints of the running engines and clients that are ready to use. */
export interface TestEngines {
  readonly endpoints: {
    readonly aws: string;
    readonly redis: string;
    readonly opensearch: string;
    /** null where the instance has no Athena */
    readonly athena: string | null;
  };
  /** Options for any other AWS client. */
  readonly aws: ReturnType<typeof localAwsOptions>;
  /** @throws Error where the instance has no Athena */
  readonly athena: () => AthenaClient;
  readonly dynamoDb: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly lambda: LambdaClient;
  readonly openSearch: OpenSearchClient;
  readonly redis: Redis;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly sqs: SQSClient;
  readonly stepFunctions: SFNClient;
  /** Closes all connections; call it in `afterAll`. */
  close(): Promise<void>;
}

/** Running engines with the product deployed on them. */
export interface TestStage extends TestEngines {
  readonly outputs: StageOutputs;
}

const status = z.object({
  endpoints: z.object({ aws: z.url(), redis: z.url(), opensearch: z.url(), athena: z.url().nullable() }),
});

/**
 * Connects to the engines that the test runner started (`HILO_STATUS_JSON`), else to those of the running local stage.
 * @throws Error that says how to start them
 */
export async function openEngines(): Promise<TestEngines> {
  return connectEngines(status.parse(await readStatusJson()).endpoints);
}

/** Connects to engines whose endpoints are known. */
export function connectEngines(endpoints: TestEngines["endpoints"]): TestEngines {
  const aws = localAwsOptions(Number(new URL(endpoints.aws).port));
  const athena =
    endpoints.athena === null ? undefined : new AthenaClient({ ...aws, endpoint: endpoints.athena });
  const dynamoDb = new DynamoDBClient(aws);
  const redis = new Redis(endpoints.redis, { lazyConnect: true, maxRetriesPerRequest: 2 });
  const openSearch = new OpenSearchClient({ node: endpoints.opensearch });
  const clients = {
    dynamoDb,
    lambda: new LambdaClient(aws),
    s3: new S3Client(aws),
    secrets: new SecretsManagerClient(aws),
    sqs: new SQSClient(aws),
    // Synchronous executions would otherwise go to the host sync-127.0.0.1.
    stepFunctions: new SFNClient({ ...aws, disableHostPrefix: true }),
  };
  return {
    endpoints,
    aws,
    ...clients,
    athena() {
      if (athena) return athena;
      throw new Error("This instance has no Athena (HILO_ATHENA_PORT=off)");
    },
    documents: DynamoDBDocumentClient.from(dynamoDb, { marshallOptions: { removeUndefinedValues: true } }),
    openSearch,
    redis,
    async close() {
      for (const client of [...Object.values(clients), athena]) client?.destroy();
      redis.disconnect();
      await openSearch.close();
    },
  };
}

/**
 * Connects to the deployed stage.
 * @throws Error that says how to start or deploy it
 */
export async function openStage(): Promise<TestStage> {
  const engines = await openEngines();
  try {
    return { ...engines, outputs: await readStageOutputs({ stage: "local", aws: engines.aws }) };
  } catch (error) {
    await engines.close();
    throw error;
  }
}

async function readStatusJson(): Promise<unknown> {
  const given = process.env["HILO_STATUS_JSON"];
  if (given) return JSON.parse(given);
  const { status: current, problems } = await readStatus("local");
  if (problems.some((problem) => problem.includes("not answering")))
    throw new Error(
      `These tests need running engines (${problems.join("; ")}). Start them with: npx hilo up`,
    );
  return current;
}
