import type { ErasureRequest, ErasureRequests } from "../../functions/core/ports/erasure-requests.ts";
import { UNDER_WAY } from "../../functions/core/use-cases/erasure/open-request.ts";
import { CommandFailure } from "../failure.ts";
import { invokeFunction } from "../invoke-function.ts";
import type { StageSession } from "../stage-session.ts";
import { formatRequest } from "./format-erasure.ts";
import { currentActor, openRequests, requestWithId } from "./open-requests.ts";
import { runErasure } from "./run-erasure.ts";

/** States from which an execution goes on where the last one stopped. */
const RESUMABLE: readonly ErasureRequest["status"][] = ["approved", ...UNDER_WAY];

/** Done; a request that expired without an approval is closed, too, and nothing of it was erased. */
export const isErased = ({
  status,
  completed_at,
}: Pick<ErasureRequest, "status" | "completed_at">): boolean =>
  status === "completed" || (status === "closed" && completed_at !== undefined);

/** Approves where asked, runs the request and waits for its end. */
export async function startErasure(
  session: StageSession,
  id: string,
  approve: boolean,
  watch: (request: ErasureRequest) => void,
): Promise<{ request: ErasureRequest; receipts: string[]; text: string; failure: string }> {
  const requests = openRequests(session);
  const before = await requestWithId(id, requests);
  if (before.status === "planned") await approvePlan(session, before, approve);
  else if (isErased(before)) return { ...(await describeErasure(before, requests)), failure: "" };
  else if (!RESUMABLE.includes(before.status))
    throw new CommandFailure(`${id} is ${before.status}: plan it again with npx hilo erase plan`);
  const run = { requests, requestId: id, name: `${id}-${Date.now().toString(36)}` };
  const { request, failure } = await runErasure(session, "user-erasure", run, watch);
  return { ...(await describeErasure(request, requests)), failure };
}

async function approvePlan(session: StageSession, request: ErasureRequest, approve: boolean): Promise<void> {
  const { request_id, plan_hash } = request;
  if (!approve)
    throw new CommandFailure(`${request_id} waits for approval: look at its plan, then add --approve`, 2);
  await invokeFunction(session, "approve-erasure", {
    request_id,
    plan_hash,
    actor: await currentActor(session),
  });
}

/** A request with its receipts and the words for it. */
export async function describeErasure(request: ErasureRequest, requests: ErasureRequests) {
  const people = await requests.people(request.request_id);
  const receipts = people.flatMap(({ receipt }) => receipt ?? []);
  return { request, receipts, text: formatRequest(request, people) };
}
