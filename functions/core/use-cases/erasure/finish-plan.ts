import type { ErasureInput } from "../../contracts/user-erasure.ts";
import { addCounts, type ErasurePlan, NOTHING_HELD, type StoreCounts } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import { type ErasableStoreName, storesOf } from "../../domain/personal-stores.ts";
import type { ErasureRequest, ErasureRequests, PersonState } from "../../ports/erasure-requests.ts";
import type { LegalHolds } from "../../ports/legal-holds.ts";
import { estimate } from "./erasure-cost.ts";
import { requestIn, wrongState } from "./open-request.ts";
import { currentTagsOf, heldAmong, type TagChain } from "./person-tags.ts";
import { planHash } from "./plan-hash.ts";

export interface FinishPlanDeps {
  readonly requests: Pick<ErasureRequests, "read" | "update" | "subjects" | "people">;
  readonly holds: Pick<LegalHolds, "held">;
  readonly keys: TagChain;
  /** How long writers that read the ledger before a fence may still write. */
  readonly drainSeconds: number;
}

/**
 * Last part of a plan: adds up what was counted, and binds counts and ids by a hash for the approval.
 * @throws PermanentError when the request is not being planned or a store was not counted; TransientError
 */
export async function finishPlan(
  { request_id }: Pick<ErasureInput, "request_id">,
  { requests, holds, keys, drainSeconds }: FinishPlanDeps,
): Promise<ErasureRequest> {
  const request = await requestIn(request_id, ["planning", "planned"], requests);
  if (request.status === "planned") return request;
  const [subjects, people] = await Promise.all([
    requests.subjects(request_id),
    requests.people(request_id, 1, request.people + 1),
  ]);
  const stores = sumPlanned(request, people);
  const held = await heldAmong(
    subjects.map((subject) => currentTagsOf(subject, keys)),
    holds,
  );
  const plan: ErasurePlan = {
    stores,
    ...estimate(stores, request.people, drainSeconds),
    undecided: subjects.reduce((sum, { undecided = [] }) => sum + undecided.length, 0),
    held: held.size,
  };
  const change = {
    status: "planned",
    plan,
    plan_hash: planHash(request_id, subjects, people, keys),
  } as const;
  if (await requests.update(request_id, ["planning"], change)) return { ...request, ...change };
  // A repeated call finds what the one before has written; whatever else happened to the request is an error.
  const now = await requestIn(request_id, ["planned"], requests);
  if (now.plan_hash !== change.plan_hash) throw wrongState(now);
  return now;
}

/** @throws PermanentError naming a store that was not counted for somebody */
function sumPlanned(
  { request_id, people: expected }: ErasureRequest,
  people: readonly PersonState[],
): Record<ErasableStoreName, StoreCounts> {
  const sums = storesOf().map((store): [ErasableStoreName, StoreCounts] => {
    const counts = people.flatMap(({ planned }) => planned[store] ?? []);
    if (counts.length !== expected)
      throw new PermanentError(
        `erasure ${request_id}: ${store} was counted for ${counts.length} of ${expected} people: plan again`,
      );
    return [store, counts.reduce(addCounts, NOTHING_HELD)];
  });
  return Object.fromEntries(sums) as Record<ErasableStoreName, StoreCounts>;
}
