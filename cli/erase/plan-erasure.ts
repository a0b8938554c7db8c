import type { ErasureRequest } from "../../functions/core/ports/erasure-requests.ts";
import { CommandFailure } from "../failure.ts";
import { invokeFunction } from "../invoke-function.ts";
import type { StageSession } from "../stage-session.ts";
import { currentActor, openRequests } from "./open-requests.ts";
import { runErasure } from "./run-erasure.ts";

/** Opens a request and has its stores counted. @throws CommandFailure where that fails */
export async function planErasure(
  session: StageSession,
  wanted: { userIds: readonly string[]; include: readonly string[]; exclude: readonly string[] },
  watch: (request: ErasureRequest) => void,
): Promise<ErasureRequest> {
  const requests = openRequests(session);
  const { userIds: user_ids, include, exclude } = wanted;
  const { request_id: requestId } = await invokeFunction<{ readonly request_id: string }>(
    session,
    "request-erasure",
    { user_ids, include, exclude, actor: await currentActor(session) },
  );
  const run = { requests, requestId, name: `${requestId}-plan` };
  const { request, succeeded, failure } = await runErasure(session, "erasure-plan", run, watch);
  if (!succeeded) throw new CommandFailure(`${requestId} could not be planned: ${failure}`);
  return request;
}
