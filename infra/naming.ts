import { Aws } from "aws-cdk-lib";
import type { StageConfig } from "./config.ts";

/** Names that are not spelt with one capital. */
const SPELLINGS: Readonly<Record<string, string>> = { dynamodb: "DynamoDB", opensearch: "OpenSearch" };

/** `store-in-cache` → `StoreInCache`: the spelling of construct ids, states and outputs. */
export function pascalCase(kebab: string): string {
  return kebab
    .split("-")
    .map((word) => SPELLINGS[word] ?? word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

/** `store-in-cache` → `STORE_IN_CACHE`: the spelling of environment variables. */
export function upperSnakeCase(kebab: string): string {
  return kebab.replaceAll("-", "_").toUpperCase();
}

/** The physical name of something of a stage: `hilo-<stage>-<logical name>`. */
export function physicalName(stage: StageConfig, logicalName: string): string {
  return `hilo-${stage.name}-${logicalName}`;
}

/** A bucket's name, which must be unique in the world: the account and region are part of it. */
export function bucketName(stage: StageConfig, logicalName: string): string {
  return `${physicalName(stage, logicalName)}-${Aws.ACCOUNT_ID}-${Aws.REGION}`;
}
