import { InvokeCommand } from "@aws-sdk/client-lambda";
import { CommandFailure } from "./failure.ts";
import type { StageSession } from "./stage-session.ts";

/**
 * Calls one of the stage's functions and returns its answer.
 * @throws CommandFailure with the function's error name
 */
export async function invokeFunction<R>(session: StageSession, name: string, input: unknown): Promise<R> {
  const physical = session.outputs.functions[name];
  const { FunctionError: failed, Payload: payload } = await session
    .lambda()
    .send(new InvokeCommand({ FunctionName: physical, Payload: JSON.stringify(input) }));
  const answer: unknown = JSON.parse(payload?.transformToString() || "null");
  if (failed === undefined) return answer as R;
  const { errorType = failed, errorMessage = "" } = (answer ?? {}) as {
    errorType?: string;
    errorMessage?: string;
  };
  throw new CommandFailure(`${name} failed with ${errorType}: ${errorMessage}`);
}
