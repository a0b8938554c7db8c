import type { RequestStatus } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import type { ErasureRequest, ErasureRequests } from "../../ports/erasure-requests.ts";

/** States of a request that was approved and whose erasure is not done. */
export const UNDER_WAY = [
  "fencing",
  "draining",
  "erasing",
  "verifying",
  "failed",
  "waiting",
] as const satisfies readonly RequestStatus[];

const REMEDY: Readonly<Record<RequestStatus, string>> = {
  planning: "its plan is being counted: wait for it, or plan again if that failed",
  planned: "it waits for approval: hilo erase start <id> --approve",
  approved: "it is approved: hilo erase start <id>",
  fencing: "its execution is under way",
  draining: "its execution is under way",
  erasing: "its execution is under way",
  verifying: "its execution is under way",
  failed: "mend what failed, then go on with hilo erase start <id>",
  waiting: "what is left of it is held: hilo hold list",
  completed: "it is done: hilo erase status <id> has the receipts",
  closed: "it expired or is done, and its raw ids are gone: plan again with hilo erase plan",
};

/**
 * Reads a request that must be in one of these states.
 * @throws PermanentError that names its state and what to do; TransientError
 */
export async function requestIn(
  requestId: string,
  states: readonly RequestStatus[],
  requests: Pick<ErasureRequests, "read">,
): Promise<ErasureRequest> {
  const request = await requests.read(requestId);
  if (request === undefined)
    throw new PermanentError(`erasure ${requestId}: there is no such request: hilo erase list shows all`);
  if (!states.includes(request.status)) throw wrongState(request);
  return request;
}

/** The error for a request whose state does not allow what is asked. */
export const wrongState = ({ request_id, status }: ErasureRequest): PermanentError =>
  new PermanentError(`erasure ${request_id} is ${status}: ${REMEDY[status].replace("<id>", request_id)}`);
