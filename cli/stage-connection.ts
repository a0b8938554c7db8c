import { readLocalConfig } from "../local/config.ts";
import { currentPorts } from "../local/run-file.ts";

/** What every AWS client of the command is created with. */
export interface AwsClientOptions {
  readonly region?: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** How to reach a stage. */
export interface StageConnection {
  readonly stage: string;
  /** Options for AWS clients. Empty for a stage in AWS: the SDK then finds region and credentials by itself. */
  readonly aws: AwsClientOptions;
}

/**
 * Says how to reach a stage. For the local one the endpoint is that of the running instance, so that nobody has to
 * export anything.
 */
export function connectTo(stage: string): StageConnection {
  if (stage !== "local") return { stage, aws: {} };
  return { stage, aws: localAwsOptions(currentPorts(readLocalConfig()).aws) };
}

/** Client options for the emulator on a port of loopback. */
export function localAwsOptions(port: number): Required<AwsClientOptions> {
  return {
    region: "us-east-1",
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
}
