import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { ContextComparison } from "../../core/contracts/repair-day.ts";
import { TransientError } from "../../core/domain/errors.ts";
import type { ContextComparer } from "../../core/ports/context-comparer.ts";
import { awsError } from "../aws-errors.ts";

/** Asks the function `compare-contexts`, which alone can reach the cache. */
export const createContextComparer = (deps: {
  readonly client: LambdaClient;
  readonly functionName: string;
}): ContextComparer => ({
  async compare(people) {
    const command = new InvokeCommand({
      FunctionName: deps.functionName,
      Payload: JSON.stringify({ people }),
    });
    const { FunctionError: failed, Payload: payload } = await deps.client
      .send(command)
      .catch((error: unknown) => {
        throw awsError(error, { store: "Lambda", operation: "Invoke", resource: deps.functionName });
      });
    const answer: unknown = JSON.parse(payload?.transformToString() || "null");
    if (failed === undefined) return answer as ContextComparison;
    const { errorType } = Object(answer) as { errorType?: unknown };
    // Its own log says more; the message of an error that is not ours may quote data.
    throw new TransientError(
      `Lambda ${deps.functionName}: failed with ${String(errorType ?? failed)}: read its log`,
    );
  },
});
