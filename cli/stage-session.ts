import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { createOpenSearchClient } from "../functions/adapters/opensearch/client.ts";
import { loadKeyChain } from "../functions/adapters/secrets/load-key-chain.ts";
import type { KeyChain } from "../functions/core/domain/key-chain.ts";
import { CommandFailure } from "./failure.ts";
import { connectTo, type StageConnection } from "./stage-connection.ts";
import { readStageOutputs, type StageOutputs } from "./stage-outputs.ts";

/** A stage to work with: its names, and clients that are made when first asked for. */
export class StageSession {
  readonly connection: StageConnection;
  readonly outputs: StageOutputs;
  readonly #closers: (() => void)[] = [];

  private constructor(connection: StageConnection, outputs: StageOutputs) {
    this.connection = connection;
    this.outputs = outputs;
  }

  /** @throws CommandFailure when the stage is not deployed or cannot be asked */
  static async open(stage: string): Promise<StageSession> {
    const connection = connectTo(stage);
    return new StageSession(connection, await readStageOutputs(connection));
  }

  sqs(): SQSClient {
    return this.#keep(new SQSClient(this.connection.aws));
  }

  s3(): S3Client {
    const forcePathStyle = this.connection.aws.endpoint !== undefined;
    return this.#keep(new S3Client({ ...this.connection.aws, forcePathStyle }));
  }

  /** Physical name of a table. @throws CommandFailure where the stage has none */
  table(logicalName: string): string {
    const name = this.outputs.tables[logicalName];
    if (name === undefined)
      throw new CommandFailure(`The stage has no table ${logicalName}: deploy it again`);
    return name;
  }

  lambda(): LambdaClient {
    return this.#keep(new LambdaClient(this.connection.aws));
  }

  stepFunctions(): SFNClient {
    return this.#keep(new SFNClient(this.connection.aws));
  }

  dynamo(): DynamoDBDocumentClient {
    return DynamoDBDocumentClient.from(this.#keep(new DynamoDBClient(this.connection.aws)));
  }

  search(): ReturnType<typeof createOpenSearchClient> {
    const auth = this.connection.stage === "local" ? "none" : "iam";
    return createOpenSearchClient({ url: this.outputs.openSearchUrl, auth });
  }

  /** The hash keys, from which tags and queue groups are made. */
  keys(): Promise<KeyChain> {
    return loadKeyChain(this.#keep(new SecretsManagerClient(this.connection.aws)), this.outputs.keySecret);
  }

  /** Lets go of every connection, so that the process can end. */
  close(): void {
    for (const close of this.#closers) close();
  }

  #keep<C extends { destroy(): void }>(client: C): C {
    this.#closers.push(() => client.destroy());
    return client;
  }
}

/** Works with a stage and lets go of it, whatever happens. */
export async function withStage<T>(stage: string, work: (session: StageSession) => Promise<T>): Promise<T> {
  const session = await StageSession.open(stage);
  try {
    return await work(session);
  } finally {
    session.close();
  }
}
