/** A person's id under which data is erased, and up to which generation. */
export interface ErasureTarget {
  /** Personal data: never in logs, errors or object keys. */
  readonly user_id: string;
  /** Keyed hash under the newest key: names the person in ledger and cache. */
  readonly tag: string;
  /** Keyed hashes under every key of the chain, oldest first: what was written before a rotation is found too. */
  readonly tags: readonly string[];
  /** Data of this generation and of earlier ones goes; later ones stay. */
  readonly generation: number;
  /** ISO 8601, ms, UTC. */
  readonly fenced_at: string;
}

/** What a store holds of a person. What a store has none of is 0. */
export interface StoreCounts {
  /** Items of a table, keys of the cache, documents of the index. */
  readonly items: number;
  /** Objects of the bucket that hold the person, alone or among others. */
  readonly objects: number;
  /** Their versions, delete markers and unfinished uploads. */
  readonly versions: number;
  /** Rows and records inside of those objects' current versions. */
  readonly rows: number;
  /** Of what is the person's own; of shared objects, of their whole current versions, which are read to erase. */
  readonly bytes: number;
}

export const NOTHING_HELD: StoreCounts = { items: 0, objects: 0, versions: 0, rows: 0, bytes: 0 };

export const addCounts = (a: StoreCounts, b: StoreCounts): StoreCounts => ({
  items: a.items + b.items,
  objects: a.objects + b.objects,
  versions: a.versions + b.versions,
  rows: a.rows + b.rows,
  bytes: a.bytes + b.bytes,
});

/** True when nothing of the person is there; bytes follow from the rest. */
export const isNothing = ({ items, objects, versions, rows }: StoreCounts): boolean =>
  items + objects + versions + rows === 0;

/** What ids of a person have in common; a person of a request by its number, from 1. */
export interface ErasureSubject {
  readonly person: number;
  /** Ids as they were given or resolved; at least one. */
  readonly user_ids: readonly string[];
  /** Hilo's own ids of the person, as far as `identities` knows them; more than one where people turned out to be one. */
  readonly person_ids?: readonly string[];
  /** Ids that somebody else may own, such as a recycled number: nothing may be approved before they are decided on. */
  readonly undecided?: readonly string[];
  /** Decisions about such ids: erased with this person, or left alone. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** What a plan counts: each id as if it were fenced at that moment. Nothing is erased by these. */
  readonly planned?: readonly ErasureTarget[];
  /** Set by the fence: one for each id. */
  readonly targets?: readonly ErasureTarget[];
}

/**
 * - `planning`: counts are being taken; `planned`: it waits for approval until `expires_at`.
 * - `approved`: its execution may begin. `fencing` … `verifying`: it runs.
 * - `failed`: a store could not be erased or verified; `hilo erase start` resumes. `waiting`: some people are held.
 * - `completed`: receipts are written; verified daily until `recheck_until`. `closed`: the raw ids are gone.
 */
export type RequestStatus =
  | "planning"
  | "planned"
  | "approved"
  | "fencing"
  | "draining"
  | "erasing"
  | "verifying"
  | "failed"
  | "waiting"
  | "completed"
  | "closed";

/** What a plan says would go, of all people; an estimate, counted before the fence. */
export interface ErasurePlan {
  readonly stores: Readonly<Record<string, StoreCounts>>;
  /** US dollars and seconds, drain included. */
  readonly cost_usd: number;
  readonly seconds: number;
  /** How many ids need a decision, see `ErasureSubject.undecided`. */
  readonly undecided: number;
  /** People under a legal hold. */
  readonly held: number;
}

/** A store's part of a request. */
export interface StoreState {
  readonly status: "pending" | "counted" | "erasing" | "erased" | "verified" | "failed";
  /** Name and message of the last error; names store, cause and remedy, never a person. */
  readonly error?: string;
}

/** Raw ids of an unapproved plan are gone after so many days. */
export const PLAN_DAYS = 7;
/** Days after completion until the last copy that Hilo cannot edit has expired: point-in-time recovery's 35. */
export const RECHECK_DAYS = 35;
