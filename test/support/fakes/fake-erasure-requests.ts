import type { Clock } from "../../../functions/core/domain/clock.ts";
import { addCounts, type ErasureSubject, NOTHING_HELD } from "../../../functions/core/domain/erasure.ts";
import { PermanentError } from "../../../functions/core/domain/errors.ts";
import type {
  ErasureRequest,
  ErasureRequests,
  PersonState,
} from "../../../functions/core/ports/erasure-requests.ts";
import type { RequestNotes } from "../../../functions/core/ports/request-notes.ts";
import { memoryNotes } from "../../../functions/core/use-cases/erasure/request-notes.ts";

interface HeldSubject {
  readonly subject: ErasureSubject;
  readonly expiresAt?: string;
}

type PutCounts = Parameters<ErasureRequests["putCounts"]>;

/** Requests for erasure in memory; each method is one transaction. */
export class FakeErasureRequests implements ErasureRequests {
  readonly #requests = new Map<string, ErasureRequest>();
  readonly #people = new Map<string, PersonState>();
  readonly #subjects = new Map<string, Map<number, HeldSubject>>();
  readonly #notes = new Map<string, RequestNotes>();
  readonly #clock: Clock;

  readonly #clone: <T>(value: T) => T;

  /** @param clone may return its argument where nobody changes what they are given */
  constructor(clock: Clock, clone: <T>(value: T) => T = structuredClone) {
    this.#clock = clock;
    this.#clone = clone;
  }

  async read(requestId: string) {
    return this.#clone(this.#requests.get(requestId));
  }

  async open() {
    return [...this.#requests.values()]
      .filter(({ status }) => status !== "closed")
      .toSorted((a, b) => (a.created_at < b.created_at ? -1 : 1))
      .map((request) => this.#clone(request));
  }

  async create(request: ErasureRequest, subjects: readonly ErasureSubject[]) {
    if (this.#requests.has(request.request_id)) {
      throw new PermanentError(`there is a request ${request.request_id} already`);
    }
    this.#requests.set(request.request_id, this.#clone(request));
    await this.putSubjects(request.request_id, subjects, request.expires_at);
  }

  async update(...[requestId, from, change]: Parameters<ErasureRequests["update"]>) {
    const request = this.#requests.get(requestId);
    if (request === undefined || !from.includes(request.status)) return false;
    this.#requests.set(requestId, { ...request, ...this.#clone(change) });
    return true;
  }

  async setStore(...[requestId, store, state]: Parameters<ErasureRequests["setStore"]>) {
    const request = this.#requests.get(requestId);
    if (request)
      this.#requests.set(requestId, { ...request, stores: { ...request.stores, [store]: { ...state } } });
  }

  async subjects(requestId: string, from = 1, to = Number.POSITIVE_INFINITY) {
    const now = this.#clock().toISOString();
    return [...(this.#subjects.get(requestId)?.values() ?? [])]
      .filter(
        ({ subject, expiresAt }) => subject.person >= from && subject.person < to && !isPast(expiresAt, now),
      )
      .map(({ subject }) => this.#clone(subject))
      .toSorted((a, b) => a.person - b.person);
  }

  async putSubjects(requestId: string, subjects: readonly ErasureSubject[], expiresAt?: string) {
    const held = this.#subjects.get(requestId) ?? new Map<number, HeldSubject>();
    this.#subjects.set(requestId, held);
    for (const subject of subjects) {
      held.set(subject.person, {
        subject: this.#clone(subject),
        ...(expiresAt !== undefined && { expiresAt }),
      });
    }
  }

  async dropSubjects(requestId: string, from: number) {
    const held = this.#subjects.get(requestId);
    for (const person of [...(held?.keys() ?? [])]) if (person >= from) held?.delete(person);
  }

  async forgetSubjects(requestId: string) {
    this.#subjects.delete(requestId);
    this.#notes.delete(requestId);
  }

  async people(requestId: string, from = 1, to = Number.POSITIVE_INFINITY) {
    const end = Math.min(to, (this.#requests.get(requestId)?.people ?? 0) + 1);
    const numbers = Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index);
    return numbers.map((person) => this.#clone(this.#person(requestId, person)));
  }

  async putCounts(...[requestId, kind, counted]: PutCounts) {
    for (const { person, store, counts } of counted) {
      const held = this.#person(requestId, person);
      const old = held[kind][store];
      const next =
        kind === "removed"
          ? addCounts(old ?? NOTHING_HELD, counts)
          : kind === "before"
            ? (old ?? counts)
            : counts;
      this.#put(requestId, { ...held, [kind]: { ...held[kind], [store]: { ...next } } });
    }
  }

  async putPerson(...[requestId, person, change]: Parameters<ErasureRequests["putPerson"]>) {
    this.#put(requestId, { ...this.#person(requestId, person), ...change });
  }

  notes(requestId: string): RequestNotes {
    const held = () => {
      const notes = this.#notes.get(requestId) ?? memoryNotes();
      this.#notes.set(requestId, notes);
      return notes;
    };
    return { add: (notes) => held().add(notes), all: () => held().all() };
  }

  #person(requestId: string, person: number): PersonState {
    return (
      this.#people.get(`${requestId} ${person}`) ?? {
        person,
        status: "open",
        planned: {},
        before: {},
        removed: {},
        after: {},
      }
    );
  }

  #put(requestId: string, state: PersonState): void {
    this.#people.set(`${requestId} ${state.person}`, this.#clone(state));
  }
}

const isPast = (expiresAt: string | undefined, now: string): boolean =>
  expiresAt !== undefined && expiresAt < now;
