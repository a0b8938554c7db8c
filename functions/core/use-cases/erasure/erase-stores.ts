import type { EraseStoresInput, EraseStoresOutput } from "../../contracts/user-erasure.ts";
import type { Clock } from "../../domain/clock.ts";
import type { RequestStatus } from "../../domain/erasure.ts";
import { describeFailure } from "../../domain/erasure-errors.ts";
import { PermanentError, TransientError } from "../../domain/errors.ts";
import { type ErasableStoreName, storesOf } from "../../domain/personal-stores.ts";
import type { ErasureRequest, ErasureRequests } from "../../ports/erasure-requests.ts";
import type { LegalHolds } from "../../ports/legal-holds.ts";
import type { PersonalStore } from "../../ports/personal-store.ts";
import { markBegin, markEnd } from "./erase-progress.ts";
import { ErasureGroup, type StepResult } from "./erasure-group.ts";
import { requestIn, UNDER_WAY } from "./open-request.ts";

export interface EraseStoresDeps {
  readonly requests: Pick<
    ErasureRequests,
    "read" | "update" | "subjects" | "people" | "putPerson" | "putCounts" | "setStore"
  >;
  readonly holds: Pick<LegalHolds, "held">;
  /** The eraser's stores, for one request. */
  readonly stores: (requestId: string) => Readonly<Partial<Record<ErasableStoreName, PersonalStore>>>;
  /** People whose ids one call of a store takes; the request's number or more: all at once. */
  readonly peoplePerCall: number;
  /** False when the function must soon end. */
  readonly hasTime: () => boolean;
  readonly clock: Clock;
  /** Told why a store failed; the request says it, too. */
  readonly report: (store: ErasableStoreName, error: unknown) => void;
}

const STATES: Readonly<Record<EraseStoresInput["operation"], readonly RequestStatus[]>> = {
  plan: ["planning"],
  count: [...UNDER_WAY, "completed"],
  erase: [...UNDER_WAY, "completed"],
  verify: [...UNDER_WAY, "completed"],
};

/**
 * Does one step (plan, count, erase, verify) for the stores of one eraser, group by group of people, until time is nearly
 * over. Harmless to repeat and to run twice at once: it looks at what is left. Each group's result is written down before
 * the next group. A store that fails is left, the others go on; then it throws, to be called again from the same person.
 * @throws TransientError | PermanentError naming the stores that failed and why, or what of the request is wrong
 */
export async function eraseStores(
  input: EraseStoresInput,
  deps: EraseStoresDeps,
): Promise<EraseStoresOutput> {
  const { request_id, eraser, operation, from, attempt } = input;
  const request = await requestIn(request_id, STATES[operation], deps.requests);
  const stores = storesWithout(eraser, deps.stores(request_id));
  const failures = new Map<ErasableStoreName, unknown>();
  if (from === 1) await markBegin(input, request, deps);
  let [next, remaining] = [from, 0];
  while (next <= request.people) {
    const group = await ErasureGroup.read(request, next, next + deps.peoplePerCall, deps);
    const step = await stepGroup(group, operation, stores, failures, deps);
    await group.flush();
    remaining += step.remaining;
    if (!step.done) break;
    next += deps.peoplePerCall;
    if (!deps.hasTime()) break;
  }
  for (const [name, error] of failures) await fail(request, name, error, deps);
  const done = next > request.people;
  if (done)
    await markEnd(
      input,
      request,
      storesOf(eraser).filter((name) => !failures.has(name)),
      deps,
    );
  if (failures.size > 0) throw failureOf(input, failures);
  return { request_id, eraser, done, next: Math.max(1, next), remaining, attempt };
}

/** One step of a group for all stores but those that have failed; puts those that do among them. */
async function stepGroup(
  group: ErasureGroup,
  operation: EraseStoresInput["operation"],
  stores: readonly (readonly [ErasableStoreName, PersonalStore])[],
  failures: Map<ErasableStoreName, unknown>,
  { hasTime }: EraseStoresDeps,
): Promise<StepResult> {
  // Who is counted or erased is not so again: the next call comes further.
  const isResumable = operation === "count" || operation === "erase";
  let remaining = 0;
  for (const [index, [name, store]] of stores.entries()) {
    if (failures.has(name)) continue;
    if (isResumable && index > 0 && !hasTime()) return { done: false, remaining };
    try {
      const step = await group.step(operation, name, store);
      remaining += step.remaining;
      if (!step.done) return { done: false, remaining };
    } catch (error) {
      failures.set(name, error);
    }
  }
  return { done: true, remaining };
}

/** The eraser's stores in the order in which they are erased. @throws PermanentError where one is missing */
function storesWithout(
  eraser: EraseStoresInput["eraser"],
  stores: Readonly<Partial<Record<ErasableStoreName, PersonalStore>>>,
): [ErasableStoreName, PersonalStore][] {
  return storesOf(eraser).map((name) => {
    const store = stores[name];
    if (store === undefined)
      throw new PermanentError(`erase-${eraser}: no eraser for ${name}: add one where the function is wired`);
    return [name, store];
  });
}

async function fail(
  request: ErasureRequest,
  store: ErasableStoreName,
  error: unknown,
  { requests, report }: EraseStoresDeps,
): Promise<void> {
  report(store, error);
  await requests.setStore(request.request_id, store, { status: "failed", error: describeFailure(error) });
}

/** One error for all that failed: worth another try when one of them is. */
function failureOf(
  { request_id, operation }: EraseStoresInput,
  failures: ReadonlyMap<ErasableStoreName, unknown>,
): Error {
  const causes = [...failures].map(([store, error]) => `${store} (${describeFailure(error)})`).join("; ");
  const message = `erasure ${request_id}: ${operation} failed for ${causes}`;
  const isTransient = [...failures.values()].some((error) => !(error instanceof PermanentError));
  return isTransient ? new TransientError(message) : new PermanentError(message);
}
