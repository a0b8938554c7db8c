import { setTimeout as sleep } from "node:timers/promises";
import { DescribeExecutionCommand, StartExecutionCommand } from "@aws-sdk/client-sfn";
import type { ErasureRequest, ErasureRequests } from "../../functions/core/ports/erasure-requests.ts";
import { CommandFailure } from "../failure.ts";
import type { StageSession } from "../stage-session.ts";
import { requestWithId } from "./open-requests.ts";

const POLL_MS = 500;
const MOST_POLL_MS = 5_000;

/** How an execution ended. */
export interface FinishedExecution {
  readonly request: ErasureRequest;
  readonly succeeded: boolean;
  /** Name and cause of its failure; messages of Hilo's functions carry no person's data. */
  readonly failure: string;
}

/**
 * Runs one of the erasure's state machines for a request and waits for its end.
 * @param watch is told how the request is doing
 * @throws CommandFailure where the stage has no such machine
 */
export async function runErasure(
  session: StageSession,
  machine: "erasure-plan" | "user-erasure",
  { requests, requestId, name }: { requests: ErasureRequests; requestId: string; name: string },
  watch: (request: ErasureRequest) => void,
): Promise<FinishedExecution> {
  const stateMachineArn = session.outputs.stateMachines[machine];
  if (stateMachineArn === undefined)
    throw new CommandFailure(`The stage has no state machine ${machine}: deploy it again`);
  const client = session.stepFunctions();
  const input = JSON.stringify({ request_id: requestId });
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  for (let pause = POLL_MS; ; pause = Math.min(pause * 1.2, MOST_POLL_MS)) {
    const { status, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
    const request = await requestWithId(requestId, requests);
    watch(request);
    if (status !== "RUNNING") {
      const succeeded = status === "SUCCEEDED";
      const failure = succeeded ? "" : [error ?? status, messageIn(cause)].filter(Boolean).join(": ");
      return { request, succeeded, failure };
    }
    await sleep(pause);
  }
}

/** What a function said, or the machine's own words. */
function messageIn(cause: string | undefined): string {
  try {
    const { errorMessage } = JSON.parse(cause ?? "") as { readonly errorMessage?: string };
    return errorMessage ?? cause ?? "";
  } catch {
    return cause ?? "";
  }
}
