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
