import type { EraseStoresInput } from "../../contracts/user-erasure.ts";
import type { Clock } from "../../domain/clock.ts";
import {
  addCounts,
  isNothing,
  NOTHING_HELD,
  type StoreCounts,
  type StoreState,
} from "../../domain/erasure.ts";
import { type ErasableStoreName, storesOf } from "../../domain/personal-stores.ts";
import type { ErasureRequest, ErasureRequests, PersonState } from "../../ports/erasure-requests.ts";

interface ProgressDeps {
  readonly requests: Pick<ErasureRequests, "update" | "people" | "setStore">;
  readonly clock: Clock;
}

/** Says that a step begins for an eraser's stores. */
export async function markBegin(
  { eraser, operation }: EraseStoresInput,
  request: ErasureRequest,
  { requests, clock }: ProgressDeps,
): Promise<void> {
  const { request_id, drained_at, stores } = request;
  if (operation === "plan") return;
  if (operation === "erase") {
    for (const store of storesOf(eraser)) await requests.setStore(request_id, store, { status: "erasing" });
  }
  // Another execution may have fenced somebody, and be waiting.
  const isDrained = drained_at === undefined || drained_at <= clock().toISOString();
  const isErased = storesOf().every((store) => isPast(stores[store]));
  if (operation !== "verify" && isDrained)
    await requests.update(request_id, ["fencing", "draining", "verifying"], { status: "erasing" });
  if (operation === "verify" && isErased)
    await requests.update(request_id, ["erasing"], { status: "verifying" });
}

/** Says how a step ended for these stores: after the verification, by all people's counts. */
export async function markEnd(
  { operation, attempt }: EraseStoresInput,
  { request_id, people: number, stores }: ErasureRequest,
  names: readonly ErasableStoreName[],
  { requests }: ProgressDeps,
): Promise<void> {
  if (operation === "plan") return;
  const people = operation === "verify" ? await requests.people(request_id, 1, number + 1) : [];
  for (const store of names) {
    if (operation === "count" && isPast(stores[store])) continue;
    const state: StoreState =
      operation === "count"
        ? { status: "counted" }
        : operation === "erase"
          ? { status: "erased" }
          : verdictOf(store, people, attempt);
    await requests.setStore(request_id, store, state);
  }
}

const isPast = (state: StoreState | undefined): boolean =>
  state?.status === "erased" || state?.status === "verified";

/** People whose data was to go: those who are held wait. */
export const isErasable = ({ status }: Pick<PersonState, "status">): boolean => status !== "held";

function verdictOf(store: ErasableStoreName, people: readonly PersonState[], attempt: number): StoreState {
  const counts = people.filter(isErasable).map(({ after }) => after[store]);
  if (counts.includes(undefined))
    return { status: "failed", error: "ResidueError: not everybody was verified: start it again" };
  const left = counts.reduce<StoreCounts>((sum, one) => addCounts(sum, one ?? NOTHING_HELD), NOTHING_HELD);
  if (isNothing(left)) return { status: "verified" };
  const { items, objects, versions, rows } = left;
  return {
    status: "failed",
    error: `ResidueError: after attempt ${attempt + 1} there are still ${items} items, ${objects} objects, ${versions} versions and ${rows} rows`,
  };
}
