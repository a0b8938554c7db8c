import { type AwsClientOptions, localAwsOptions } from "../local/aws-options.ts";
import { readLocalConfig } from "../local/config.ts";
import { currentPorts } from "../local/run-file.ts";

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
