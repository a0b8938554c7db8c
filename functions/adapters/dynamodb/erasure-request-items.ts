import type { ErasureSubject, StoreCounts, StoreState } from "../../core/domain/erasure.ts";
import { type ErasableStoreName, storesOf } from "../../core/domain/personal-stores.ts";
import type { ErasureRequest, PersonState } from "../../core/ports/erasure-requests.ts";
import type { Item } from "./call.ts";

/** Value of the hash key of `OpenIndex` while a request is not closed. */
export const OPEN_REQUEST = "request";

/** Key of a request in `erasure-ledger`. */
export const requestKey = (requestId: string): { readonly tag: string } => ({ tag: `request#${requestId}` });

/** Key of a person's part of a request in `erasure-ledger`. */
export const personKey = (requestId: string, person: number): { readonly tag: string } => ({
  tag: `request#${requestId}#${sixDigits(person)}`,
});

/** Range key of a person's ids in `erasure-subjects`. */
export const subjectEntry = (person: number): string => `person#${sixDigits(person)}`;

const sixDigits = (person: number): string => String(person).padStart(6, "0");

const COUNT_KINDS = ["planned", "before", "removed", "after"] as const;
export type CountKind = (typeof COUNT_KINDS)[number];

/**
 * Attribute of a store's counts or state. A top-level attribute each, and for `removed` one each number: an update of a
 * part of a map needs the map to be there, and ADD takes nothing that is nested.
 */
export const countsAttribute = (kind: CountKind, store: string): string => `${kind}/${store}`;
export const stateAttribute = (store: string): string => `store/${store}`;
export const COUNT_FIELDS = ["items", "objects", "versions", "rows", "bytes"] as const;
export const removedAttribute = (store: string, field: string): string => `removed/${store}/${field}`;

export function requestItem(request: ErasureRequest): Item {
  const { stores, ...rest } = request;
  return {
    ...requestKey(request.request_id),
    open: OPEN_REQUEST,
    ...rest,
    ...Object.fromEntries(Object.entries(stores).map(([store, state]) => [stateAttribute(store), state])),
  };
}

/** The request that `requestItem` wrote and updates changed. */
export function requestOf(item: Item): ErasureRequest {
  const stores: Partial<Record<ErasableStoreName, StoreState>> = {};
  for (const store of storesOf()) {
    const state = item[stateAttribute(store)];
    if (state !== undefined) stores[store] = state as StoreState;
  }
  const fields = Object.entries(item).filter(
    ([name]) => name !== "tag" && name !== "open" && !name.startsWith("store/"),
  );
  return { ...(Object.fromEntries(fields) as unknown as Omit<ErasureRequest, "stores">), stores };
}

/** A person's part; nothing was written of them yet where there is no item. */
export function personOf(person: number, item: Item = {}): PersonState {
  const counts = (kind: CountKind): PersonState["before"] =>
    Object.fromEntries(
      storesOf().flatMap((store) => {
        const held = kind === "removed" ? removedOf(item, store) : item[countsAttribute(kind, store)];
        return held === undefined ? [] : [[store, held as StoreCounts]];
      }),
    );
  const { status, receipt } = item as Partial<Pick<PersonState, "status" | "receipt">>;
  return {
    person,
    status: status ?? "open",
    planned: counts("planned"),
    before: counts("before"),
    removed: counts("removed"),
    after: counts("after"),
    ...(receipt !== undefined && { receipt }),
  };
}

function removedOf(item: Item, store: string): StoreCounts | undefined {
  const numbers = COUNT_FIELDS.map((field) => [field, item[removedAttribute(store, field)]] as const);
  return numbers.every(([, held]) => held === undefined)
    ? undefined
    : (Object.fromEntries(
        numbers.map(([field, held]) => [field, Number(held ?? 0)]),
      ) as unknown as StoreCounts);
}

/** A subject as an item, which expires at `ttl` (epoch seconds) where it has one. */
export const subjectItem = (requestId: string, subject: ErasureSubject, ttl: number | undefined): Item => ({
  ...subject,
  request_id: requestId,
  entry: subjectEntry(subject.person),
  ...(ttl !== undefined && { ttl }),
});

export function subjectOf(item: Item): ErasureSubject {
  const { request_id: _r, entry: _e, ttl: _t, ...subject } = item;
  return subject as unknown as ErasureSubject;
}
