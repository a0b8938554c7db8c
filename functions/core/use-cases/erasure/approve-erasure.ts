import type { ApproveErasureInput } from "../../contracts/user-erasure.ts";
import type { Clock } from "../../domain/clock.ts";
import type { ErasureSubject } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import type { ErasureRequest, ErasureRequests } from "../../ports/erasure-requests.ts";
import { requestIn, wrongState } from "./open-request.ts";
import type { TagChain } from "./person-tags.ts";
import { planHash } from "./plan-hash.ts";
import { type ResolveDeps, resolvePeople } from "./resolve-people.ts";

export interface ApproveErasureDeps extends ResolveDeps {
  readonly requests: Pick<
    ErasureRequests,
    "read" | "update" | "subjects" | "people" | "putSubjects" | "forgetSubjects"
  >;
  readonly keys: TagChain;
  readonly clock: Clock;
}

/**
 * Approves a plan as it was shown: its execution may begin. Repeated for the same plan it changes nothing.
 * @throws PermanentError when it expired, is another one than was shown, leaves ids undecided, or no longer says whose
 * data would go; it says what to do. TransientError
 */
export async function approveErasure(
  { request_id, plan_hash, actor }: ApproveErasureInput,
  deps: ApproveErasureDeps,
): Promise<{ readonly request_id: string; readonly status: "approved" }> {
  const { requests, clock } = deps;
  const request = await requestIn(request_id, ["planned", "approved"], requests);
  const refuse = (why: string): PermanentError =>
    new PermanentError(`erasure ${request_id} is not approved: ${why}`);
  if (request.plan_hash !== plan_hash)
    throw refuse("this is not the plan's hash: look at the plan again with hilo erase status");
  if (request.status === "approved") return { request_id, status: "approved" };
  const now = clock().toISOString();
  if (now >= request.expires_at) throw refuse(`the plan expired at ${request.expires_at}: plan again`);
  if (request.plan !== undefined && request.plan.undecided > 0)
    throw refuse(
      `${request.plan.undecided} ids are or were somebody else's, too: plan again and say --include or --exclude for each`,
    );
  const subjects = await requests.subjects(request_id);
  await checkUnchanged(request, subjects, refuse, deps);

  // From now on the ids must outlive the plan. Before the approval: an approved request without ids could not go on.
  await requests.putSubjects(request_id, subjects);
  const change = { status: "approved", approved_at: now, approved_by: actor } as const;
  if (await requests.update(request_id, ["planned"], change)) return { request_id, status: "approved" };
  const other = await requests.read(request_id);
  if (other?.status === "approved" && other.plan_hash === plan_hash)
    return { request_id, status: "approved" };
  if (other?.status === "closed") await requests.forgetSubjects(request_id);
  throw other === undefined ? refuse("the request is gone") : wrongState(other);
}

/** @throws what `refuse` makes, when plan, ids or links are not what they were when the hash was made */
async function checkUnchanged(
  request: ErasureRequest,
  subjects: readonly ErasureSubject[],
  refuse: (why: string) => PermanentError,
  deps: ApproveErasureDeps,
): Promise<void> {
  const { request_id, people, plan_hash } = request;
  if (subjects.length !== people) throw refuse("its raw ids are gone: plan again");
  const states = await deps.requests.people(request_id, 1, people + 1);
  if (planHash(request_id, subjects, states, deps.keys) !== plan_hash)
    throw refuse("what was counted or planned has changed: plan again");
  const resolved = await resolvePeople(subjects, deps);
  if (planHash(request_id, resolved, states, deps.keys) !== plan_hash)
    throw refuse("other ids are linked to these people since it was planned: plan again");
}
