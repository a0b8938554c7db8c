import type {
  ErasurePlan,
  ErasureSubject,
  RequestStatus,
  StoreCounts,
  StoreState,
} from "../domain/erasure.ts";
import type { ErasableStoreName } from "../domain/personal-stores.ts";
import type { RequestNotes } from "./request-notes.ts";

/** A request as the ledger keeps it (`erasure-ledger`, `request#<id>`): ids of Hilo, counts and times only. */
export interface ErasureRequest {
  readonly request_id: string;
  readonly status: RequestStatus;
  readonly people: number;
  readonly created_at: string;
  readonly planned_by: string;
  /** Unapproved plans and their raw ids are gone after this. */
  readonly expires_at: string;
  /** SHA-256 of the plan, its closure of ids included: what an approval binds. */
  readonly plan_hash?: string;
  readonly plan?: ErasurePlan;
  readonly approved_at?: string;
  readonly approved_by?: string;
  readonly fenced_at?: string;
  /** Until when writers that read the ledger before the fence may still write. */
  readonly drained_at?: string;
  readonly completed_at?: string;
  readonly recheck_until?: string;
  readonly rechecked_at?: string;
  /** Executions that were started, for names that never repeat. */
  readonly attempts: number;
  /** People whose data is kept by a legal hold. */
  readonly held: number;
  readonly stores: Readonly<Partial<Record<ErasableStoreName, StoreState>>>;
}

/** A person's part of a request (`erasure-ledger`, `request#<id>#<person>`). */
export interface PersonState {
  readonly person: number;
  readonly status: "open" | "held" | "completed";
  /** Counted for the plan; counted again replaces it. */
  readonly planned: Readonly<Partial<Record<ErasableStoreName, StoreCounts>>>;
  /** Taken once, after the drain. */
  readonly before: Readonly<Partial<Record<ErasableStoreName, StoreCounts>>>;
  readonly removed: Readonly<Partial<Record<ErasableStoreName, StoreCounts>>>;
  /** As the verifiers read it last. */
  readonly after: Readonly<Partial<Record<ErasableStoreName, StoreCounts>>>;
  /** The signed receipt, once there is one: JSON. */
  readonly receipt?: string;
}

/** Requests for erasure: state and receipts in `erasure-ledger`, raw ids in `erasure-subjects`. All reads are strong. */
export interface ErasureRequests {
  read(requestId: string): Promise<ErasureRequest | undefined>;

  /** Requests that are not closed, plans past `expires_at` too; oldest first. Eventually consistent. */
  open(): Promise<ErasureRequest[]>;

  /** Creates a request with its people's ids, which expire with the plan. @throws PermanentError where the id is taken */
  create(request: ErasureRequest, subjects: readonly ErasureSubject[]): Promise<void>;

  /** Changes the request where it still has one of these states. @returns false when it has another */
  update(
    requestId: string,
    from: readonly RequestStatus[],
    change: Partial<Omit<ErasureRequest, "request_id" | "stores">>,
  ): Promise<boolean>;

  /** Says how a store is doing. */
  setStore(requestId: string, store: ErasableStoreName, state: StoreState): Promise<void>;

  /** People of the request in their order, `from` to `to` (exclusive), numbered from 1. */
  subjects(requestId: string, from?: number, to?: number): Promise<ErasureSubject[]>;

  /**
   * Replaces people's ids and targets. With `expiresAt` (ISO 8601) they are gone after it, like the plan they belong to;
   * without they stay until the request is closed.
   */
  putSubjects(requestId: string, subjects: readonly ErasureSubject[], expiresAt?: string): Promise<void>;

  /** Removes people from this number on: a plan has found that they are among those before. */
  dropSubjects(requestId: string, from: number): Promise<void>;

  /** Removes all raw ids of the request and its notes. */
  forgetSubjects(requestId: string): Promise<void>;

  people(requestId: string, from?: number, to?: number): Promise<PersonState[]>;

  /**
   * Takes counts over: `before` only where there is none yet, `removed` is added to, the others replace. A call that
   * returns was taken over once, whatever got lost on the way; one that throws may have been, in part. One store of a
   * person comes once a call.
   */
  putCounts(
    requestId: string,
    kind: "planned" | "before" | "removed" | "after",
    counts: readonly {
      readonly person: number;
      readonly store: ErasableStoreName;
      readonly counts: StoreCounts;
    }[],
  ): Promise<void>;

  putPerson(
    requestId: string,
    person: number,
    change: Pick<Partial<PersonState>, "status" | "receipt">,
  ): Promise<void>;

  /** What the request touches, so that it can be verified when the index no longer names it. */
  notes(requestId: string): RequestNotes;
}
