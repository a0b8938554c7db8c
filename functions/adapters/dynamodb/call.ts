import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { awsError } from "../aws-errors.ts";

/** An item or a key as plain JavaScript values. */
export type Item = Record<string, unknown>;

/** Runs one DynamoDB call; its error names store, cause and remedy. */
export async function call<R>(operation: string, resource: string, work: Promise<R>): Promise<R> {
  try {
    return await work;
  } catch (error) {
    throw awsError(error, { store: "DynamoDB", operation, resource });
  }
}

/** Runs one conditional write. @returns false when its condition does not hold @throws as `call` */
export async function isMet(operation: string, resource: string, work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    return call(operation, resource, Promise.reject(error));
  }
}
