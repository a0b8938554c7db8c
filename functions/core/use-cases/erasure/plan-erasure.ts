import type { ErasureInput, ResolvedPeople } from "../../contracts/user-erasure.ts";
import { inGroups } from "../../domain/batches.ts";
import type { Clock } from "../../domain/clock.ts";
import type { ErasureSubject } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import { type Fence, liveGeneration } from "../../domain/fence.ts";
import type { ErasureLedger } from "../../ports/erasure-ledger.ts";
import type { ErasureRequest, ErasureRequests } from "../../ports/erasure-requests.ts";
import { requestIn } from "./open-request.ts";
import { type TagChain, targetOf } from "./person-tags.ts";
import { type ResolveDeps, resolvePeople } from "./resolve-people.ts";

export interface PlanErasureDeps extends ResolveDeps {
  readonly requests: Pick<ErasureRequests, "read" | "update" | "subjects" | "putSubjects" | "dropSubjects">;
  /** Live generations: what a plan counts is what is there now. */
  readonly ledger: ErasureLedger;
  readonly keys: TagChain;
  readonly clock: Clock;
}

/** Tags of one read of the ledger. */
const TAGS_AT_ONCE = 99;

/**
 * First part of a plan: finds the people's ids, joins people that turn out to be one, and says what is to be counted.
 * Harmless to repeat, also after a crash in between.
 * @throws PermanentError when the request is not being planned, its ids are gone or are all excluded; TransientError
 */
export async function planErasure(
  { request_id }: Pick<ErasureInput, "request_id">,
  deps: PlanErasureDeps,
): Promise<ResolvedPeople> {
  const request = await requestIn(request_id, ["planning"], deps.requests);
  const given = await deps.requests.subjects(request_id);
  if (given.length === 0)
    throw new PermanentError(`erasure ${request_id}: its raw ids have expired: plan again`);
  const people = await withPlannedTargets(await resolvePeople(given, deps), deps);
  const empty = people.find(({ user_ids }) => user_ids.length === 0);
  if (empty !== undefined)
    throw new PermanentError(
      `erasure ${request_id}: every id of person ${empty.person} is excluded: plan again without that person, or without the exclusion`,
    );
  await putPeople(request, given.length, people, deps);
  await deps.requests.update(request_id, ["planning"], { people: people.length });
  const undecided = people.reduce((sum, person) => sum + (person.undecided?.length ?? 0), 0);
  return { request_id, people: people.length, undecided };
}

/**
 * Where people were joined, numbers move down. One after the other, because whom a number is taken from is by then part
 * of somebody before: a crash in between loses no id.
 */
async function putPeople(
  { request_id, expires_at }: ErasureRequest,
  before: number,
  people: readonly ErasureSubject[],
  { requests }: PlanErasureDeps,
): Promise<void> {
  if (people.length === before) return requests.putSubjects(request_id, people, expires_at);
  for (const person of people) await requests.putSubjects(request_id, [person], expires_at);
  await requests.dropSubjects(request_id, people.length + 1);
}

async function withPlannedTargets(
  people: readonly ErasureSubject[],
  { ledger, keys, clock }: PlanErasureDeps,
): Promise<ErasureSubject[]> {
  const tags = people.flatMap((person) => person.user_ids.map((id) => keys.tag(id)));
  const fences = new Map<string, Fence>();
  for (const some of inGroups(tags, TAGS_AT_ONCE))
    for (const [tag, fence] of await ledger.fences(some)) fences.set(tag, fence);
  const now = clock().toISOString();
  return people.map((person) => ({
    ...person,
    planned: person.user_ids.map((id) => targetOf(id, liveGeneration(fences.get(keys.tag(id))), now, keys)),
  }));
}
