import { AthenaClient } from "@aws-sdk/client-athena";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GlueClient } from "@aws-sdk/client-glue";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { hasOwnEndpoint } from "./env.ts";

/** Connections are kept alive between invocations; a store that hangs must not use up a state's time. */
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 5_000 };

/** DynamoDB with plain JavaScript values. The adapter retries transactions itself. */
export const createDynamoClient = (): DynamoDBDocumentClient =>
  DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler, maxAttempts: 3 }), {
    marshallOptions: { removeUndefinedValues: true },
  });

/** @param callTimeoutMs of one call; completing an upload of many parts takes S3 longer than others do */
export const createS3Client = (callTimeoutMs: number = requestHandler.requestTimeout): S3Client =>
  new S3Client({
    requestHandler: { ...requestHandler, requestTimeout: callTimeoutMs },
    maxAttempts: 3,
    forcePathStyle: hasOwnEndpoint(),
  });

/** A part of an upload, a read of a row group, the completion of an upload: each takes less. ms */
const LAKE_CALL_MS = 60_000;

/** S3 for what reads and writes objects of the lake. */
export const createLakeS3Client = (): S3Client => createS3Client(LAKE_CALL_MS);

export const createAthenaClient = (): AthenaClient => new AthenaClient({ requestHandler, maxAttempts: 3 });

export const createGlueClient = (): GlueClient => new GlueClient({ requestHandler, maxAttempts: 3 });

export const createKmsClient = (): KMSClient => new KMSClient({ requestHandler, maxAttempts: 3 });

export const createSqsClient = (): SQSClient => new SQSClient({ requestHandler, maxAttempts: 3 });

export const createSecretsClient = (): SecretsManagerClient =>
  new SecretsManagerClient({ requestHandler, maxAttempts: 3 });

/** One attempt only: whoever asked decides on a second. */
export const createLambdaClient = (callTimeoutMs: number): LambdaClient =>
  new LambdaClient({
    requestHandler: { connectionTimeout: 1_000, requestTimeout: callTimeoutMs },
    maxAttempts: 1,
  });

/** One attempt only: a second call would run the workflow twice. */
export const createSfnClient = (callTimeoutMs: number): SFNClient =>
  new SFNClient({
    requestHandler: { connectionTimeout: 1_000, requestTimeout: callTimeoutMs },
    maxAttempts: 1,
    disableHostPrefix: hasOwnEndpoint(),
  });
