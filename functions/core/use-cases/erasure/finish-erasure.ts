import type { FinishErasureInput, FinishedErasure } from "../../contracts/user-erasure.ts";
import { mapBounded } from "../../domain/batches.ts";
import type { Clock } from "../../domain/clock.ts";
import { DAY_MS } from "../../domain/day.ts";
import { type ErasureSubject, isNothing, RECHECK_DAYS, type StoreState } from "../../domain/erasure.ts";
import { StoresFailedError } from "../../domain/erasure-errors.ts";
import { PermanentError, TransientError } from "../../domain/errors.ts";
import { ERASERS, type ErasableStoreName, storesOf } from "../../domain/personal-stores.ts";
import type { ErasureRequest, ErasureRequests, PersonState } from "../../ports/erasure-requests.ts";
import type { ReceiptSigner } from "../../ports/receipt-signer.ts";
import { isErasable } from "./erase-progress.ts";
import { requestIn, UNDER_WAY, wrongState } from "./open-request.ts";
import { isStillTrue, receiptStatement, signReceipt } from "./receipt.ts";

export interface FinishErasureDeps {
  readonly requests: Pick<
    ErasureRequests,
    "read" | "update" | "subjects" | "people" | "putPerson" | "setStore" | "forgetSubjects"
  >;
  readonly signer: ReceiptSigner;
  readonly clock: Clock;
  /** `hilo` and its version, for receipts. */
  readonly software: string;
}

const SIGNED_AT_ONCE = 8;

/**
 * Last step of an execution. Only when each store was verified for everybody who is not held, after the drain, does it
 * write receipts and call the request completed, or waiting where some are held. A look after completion changes nothing
 * but `rechecked_at`; the last one removes the raw ids and closes the request.
 * @throws StoresFailedError naming the stores that were not: the request is `failed` and may be started again.
 * TransientError | PermanentError
 */
export async function finishErasure(
  input: FinishErasureInput,
  deps: FinishErasureDeps,
): Promise<FinishedErasure> {
  const { request_id } = input;
  const { requests, clock } = deps;
  const request = await requestIn(request_id, [...UNDER_WAY, "completed"], requests);
  const now = clock().toISOString();
  if (request.drained_at !== undefined && now < request.drained_at)
    throw new TransientError(
      `erasure ${request_id}: another execution has fenced more ids and drains until ${request.drained_at}`,
    );
  const people = await requests.people(request_id, 1, request.people + 1);
  await checkStores(input, request, people, deps);

  const held = people.filter(({ status }) => status === "held").length;
  const outcome = { request_id, completed: people.length - held, held };
  if (request.status === "completed") return recheck(request, outcome, now, deps);
  await writeReceipts(request, people.filter(isErasable), now, deps);
  const status = held > 0 ? "waiting" : "completed";
  const recheckUntil = new Date(Date.parse(now) + RECHECK_DAYS * DAY_MS).toISOString();
  const isTaken = await requests.update(request_id, UNDER_WAY, {
    status,
    held,
    ...(input.recheck && { rechecked_at: now }),
    ...(status === "completed" && { completed_at: now, recheck_until: recheckUntil }),
  });
  if (isTaken) return { ...outcome, status };
  const other = await requestIn(request_id, ["completed", "closed"], requests);
  if (other.status !== "completed") throw wrongState(other);
  return { ...outcome, status: "completed" };
}

/** Nothing was found again. Raw ids go first: a request that is closed must have none. */
async function recheck(
  { request_id, recheck_until = "" }: ErasureRequest,
  outcome: Omit<FinishedErasure, "status">,
  now: string,
  { requests }: FinishErasureDeps,
): Promise<FinishedErasure> {
  await requests.update(request_id, ["completed"], { rechecked_at: now });
  if (now < recheck_until) return { ...outcome, status: "completed" };
  await requests.forgetSubjects(request_id);
  await requests.update(request_id, ["completed"], { status: "closed" });
  return { ...outcome, status: "closed" };
}

/** States of a store after a branch that ended well: only another execution can have taken its word back. */
const BEGUN_ANEW: ReadonlySet<StoreState["status"] | undefined> = new Set([
  "pending",
  "counted",
  "erasing",
  "erased",
]);

/**
 * @throws StoresFailedError when a store is not verified for everybody who is not held; then the request has failed.
 * TransientError when another execution works on what this one has verified
 */
async function checkStores(
  { branches }: FinishErasureInput,
  request: ErasureRequest,
  people: readonly PersonState[],
  { requests }: FinishErasureDeps,
): Promise<void> {
  const { request_id, stores } = request;
  const failures: string[] = [];
  const begunAnew: string[] = [];
  for (const eraser of ERASERS) {
    // Of several passes the last one counts.
    const branch = branches.findLast((one) => one.eraser === eraser);
    const names = storesOf(eraser);
    const isVerified = (name: ErasableStoreName): boolean =>
      stores[name]?.status === "verified" && isNothingLeft(name, people);
    const open = names.filter((name) => !isVerified(name));
    const isDone = branch !== undefined && branch.error === undefined;
    if (isDone && open.length === 0) continue;
    if (isDone && open.every((name) => BEGUN_ANEW.has(stores[name]?.status))) {
      begunAnew.push(...open);
      continue;
    }
    // A branch that failed though its stores were verified, by the pass before, has not looked again.
    for (const name of open.length > 0 ? open : names) {
      const state = stores[name];
      const isKnown = state?.status === "failed" && state.error !== undefined;
      const error = isKnown ? state.error : (branch?.error ?? "it was not verified");
      failures.push(`${name} (${error})`);
      if (!isKnown) await requests.setStore(request_id, name, { status: "failed", error });
    }
  }
  if (failures.length === 0 && begunAnew.length > 0)
    throw new TransientError(
      `erasure ${request_id}: another execution works on ${begunAnew.join(", ")}: it will finish the request`,
    );
  if (failures.length === 0) return;
  await requests.update(request_id, [...UNDER_WAY, "completed"], { status: "failed" });
  throw new StoresFailedError(
    `erasure ${request_id} is not complete: ${failures.join("; ")}: mend the cause, then hilo erase start ${request_id}`,
  );
}

const isNothingLeft = (store: ErasableStoreName, people: readonly PersonState[]): boolean =>
  people.filter(isErasable).every(({ after: { [store]: left } }) => left !== undefined && isNothing(left));

/** Each person's own; one that was written before and is still true stays as it was handed out. */
async function writeReceipts(
  request: ErasureRequest,
  people: readonly PersonState[],
  verifiedAt: string,
  { requests, signer, software }: FinishErasureDeps,
): Promise<void> {
  const { request_id } = request;
  const subjects = new Map(
    (await requests.subjects(request_id)).map((subject) => [subject.person, subject] as const),
  );
  await mapBounded(people, SIGNED_AT_ONCE, async (state) => {
    const subject = subjects.get(state.person);
    if (subject === undefined || !isFenced(subject))
      throw new PermanentError(
        `erasure ${request_id}: person ${state.person} has ids that are not fenced: hilo erase start ${request_id}`,
      );
    if (!isOfThisFence(subject, request))
      throw new TransientError(
        `erasure ${request_id}: another execution fences more ids of person ${state.person}: they are not drained`,
      );
    const statement = receiptStatement({ request, state, subject, verifiedAt, software });
    if (state.status === "completed" && isStillTrue(state.receipt, statement)) return;
    const receipt = await signReceipt(statement, signer);
    await requests.putPerson(request_id, state.person, { status: "completed", receipt });
  });
}

/** Without ids that were fenced after the fence whose drain and verification the request tells of. */
const isOfThisFence = ({ targets = [] }: ErasureSubject, { fenced_at = "" }: ErasureRequest): boolean =>
  targets.every((target) => target.fenced_at <= fenced_at);

const isFenced = ({ user_ids, targets = [] }: ErasureSubject): boolean =>
  user_ids.length > 0 && user_ids.every((id) => targets.some((target) => target.user_id === id));
