import type { ErasureInput, FencedPeople } from "../../contracts/user-erasure.ts";
import { inGroups, mapBounded } from "../../domain/batches.ts";
import type { Clock } from "../../domain/clock.ts";
import { type ErasureSubject, type ErasureTarget, isNothing } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import { storesOf } from "../../domain/personal-stores.ts";
import type { ErasureRequest, ErasureRequests, PersonState } from "../../ports/erasure-requests.ts";
import type { Fences } from "../../ports/fences.ts";
import type { LegalHolds } from "../../ports/legal-holds.ts";
import { requestIn, UNDER_WAY } from "./open-request.ts";
import { currentTagsOf, heldAmong, type TagChain, targetOf } from "./person-tags.ts";
import { type ResolveDeps, resolveFurther } from "./resolve-people.ts";

export interface FencePeopleDeps extends ResolveDeps {
  readonly requests: Pick<
    ErasureRequests,
    "read" | "update" | "subjects" | "putSubjects" | "people" | "putPerson" | "setStore"
  >;
  readonly holds: Pick<LegalHolds, "held">;
  readonly fences: Fences;
  readonly keys: TagChain;
  readonly clock: Clock;
  /** Longest life of a writer that read the ledger before a fence. */
  readonly drainSeconds: number;
}

/** People whose holds are asked for, and whose fences are written down, at once. */
const PEOPLE_AT_ONCE = 25;
const RESOLVED_AT_ONCE = 16;

/**
 * First step of an erasure: finds the people's ids again and fences each, until no new one is found. From then on
 * nothing older than the fences is written, once those writers are gone that read the ledger before. People who are held
 * are left out wholly. Resumed, it keeps the fences it finds; of those ids, links that began after the fence belong to
 * another life and lead nowhere.
 * @throws PermanentError when the request is not approved or its ids are gone; TransientError
 */
export async function fencePeople(
  { request_id }: ErasureInput,
  deps: FencePeopleDeps,
): Promise<FencedPeople> {
  const { requests } = deps;
  const request = await requestIn(request_id, ["approved", ...UNDER_WAY, "completed"], requests);
  const subjects = await requests.subjects(request_id);
  if (isBeingForgotten(request, subjects, deps.clock()))
    return { request_id, drainSeconds: 0, people: 0, held: 0 };
  if (subjects.length !== request.people)
    throw new PermanentError(
      `erasure ${request_id}: the raw ids of ${request.people - subjects.length} people are gone: plan again; what is fenced stays fenced`,
    );
  // A completed one stays so while nothing new is found.
  if (request.status !== "completed")
    await requests.update(request_id, ["approved", ...UNDER_WAY], { status: "fencing" });
  const states = await requests.people(request_id, 1, request.people + 1);
  const fencing = new Fencing(request_id, subjects, states, deps);
  while (await fencing.round()) {
    // A link that was made meanwhile leads to another id.
  }
  const { held, lastFence } = fencing;
  const isNew = fencing.hasFenced || lastFence !== request.fenced_at;
  const drainedAt = isNew ? fencing.drainedFromNow() : request.drained_at;
  if (isNew) {
    // What was verified was so without the new ids.
    for (const store of storesOf()) await requests.setStore(request_id, store, { status: "pending" });
  }
  if (isNew || fencing.hasReopened || request.status !== "completed") {
    await requests.update(request_id, ["approved", ...UNDER_WAY, "completed"], {
      status: "draining",
      held,
      // Else they are as they were read: another execution may have fenced more since.
      ...(isNew && drainedAt !== undefined && { drained_at: drainedAt }),
      ...(isNew && lastFence !== undefined && { fenced_at: lastFence }),
    });
  }
  const left = drainedAt === undefined ? 0 : Date.parse(drainedAt) - deps.clock().getTime();
  return { request_id, drainSeconds: Math.max(0, Math.ceil(left / 1000)), people: subjects.length, held };
}

/** The last look at a request had begun to forget its ids, and did not come to closing it: nobody is left to find more of. */
const isBeingForgotten = (
  { status, people, recheck_until }: ErasureRequest,
  subjects: readonly ErasureSubject[],
  now: Date,
): boolean =>
  status === "completed" &&
  subjects.length < people &&
  recheck_until !== undefined &&
  recheck_until <= now.toISOString();

/** Fences people round by round. */
class Fencing {
  readonly #requestId: string;
  readonly #deps: FencePeopleDeps;
  readonly #statuses: Map<number, PersonState["status"]>;
  /**
   * Up to when links count, of people that were fenced before this execution: their first fence. What began between it and
   * one of an id that was found later is of another life, too, or of whoever has the first id now.
   */
  readonly #until: ReadonlyMap<number, string>;
  /** Who an id belongs to: two people of the request may turn out to be one. */
  readonly #owners = new Map<string, number>();
  /** Of whom the last verification found something. */
  readonly #residue: ReadonlySet<number>;
  #subjects: readonly ErasureSubject[];
  #hasReopened = false;
  #fencedNow: Date | undefined;

  constructor(
    requestId: string,
    subjects: readonly ErasureSubject[],
    states: readonly PersonState[],
    deps: FencePeopleDeps,
  ) {
    this.#requestId = requestId;
    this.#deps = deps;
    this.#subjects = subjects;
    this.#statuses = new Map(states.map(({ person, status }) => [person, status]));
    this.#residue = new Set(
      states.filter(({ after }) => !Object.values(after).every(isNothing)).map(({ person }) => person),
    );
    this.#until = new Map(
      subjects.flatMap(({ person, targets }) => {
        const [first] = fencesOf(targets);
        return first === undefined ? [] : [[person, first] as const];
      }),
    );
    for (const { person, user_ids } of subjects)
      for (const id of user_ids) if (!this.#owners.has(id)) this.#owners.set(id, person);
  }

  get hasFenced(): boolean {
    return this.#fencedNow !== undefined;
  }

  /** Somebody's receipt was written, and there is more to erase. */
  get hasReopened(): boolean {
    return this.#hasReopened;
  }

  get held(): number {
    return [...this.#statuses.values()].filter((status) => status === "held").length;
  }

  get lastFence(): string | undefined {
    return fencesOf(this.#subjects.flatMap(({ targets = [] }) => targets)).at(-1);
  }

  /**
   * When the last writer is gone that may have read the ledger before the last fence. Where a crash kept that from being
   * written down, the time begins anew.
   */
  drainedFromNow(): string | undefined {
    const { clock, drainSeconds } = this.#deps;
    if (this.lastFence === undefined) return undefined;
    return new Date((this.#fencedNow ?? clock()).getTime() + drainSeconds * 1000).toISOString();
  }

  /** Resolves everybody once and fences what is new. @returns whether something was */
  async round(): Promise<boolean> {
    const resolved = await mapBounded(this.#subjects, RESOLVED_AT_ONCE, async (subject) => {
      const found = await resolveFurther(subject, this.#until.get(subject.person), this.#deps);
      return this.#withOwnIds(found);
    });
    const fenced: ErasureSubject[] = [];
    let isNew = false;
    for (const [index, group] of inGroups(resolved, PEOPLE_AT_ONCE).entries()) {
      const before = this.#subjects.slice(index * PEOPLE_AT_ONCE);
      const after = await this.#fenceGroup(group);
      const changed = after.filter((subject, nth) => !isSame(subject, before[nth]));
      if (changed.length > 0) await this.#deps.requests.putSubjects(this.#requestId, changed);
      isNew ||= after.some(
        (subject, nth) => (subject.targets?.length ?? 0) > (before[nth]?.targets?.length ?? 0),
      );
      fenced.push(...after);
    }
    this.#subjects = fenced;
    return isNew;
  }

  /** Without ids that another person of the request has. */
  #withOwnIds(subject: ErasureSubject): ErasureSubject {
    const { person } = subject;
    for (const id of subject.user_ids) if (!this.#owners.has(id)) this.#owners.set(id, person);
    return { ...subject, user_ids: subject.user_ids.filter((id) => this.#owners.get(id) === person) };
  }

  async #fenceGroup(group: readonly ErasureSubject[]): Promise<ErasureSubject[]> {
    const { holds, keys } = this.#deps;
    const held = await heldAmong(
      group.map((subject) => currentTagsOf(subject, keys)),
      holds,
    );
    const fenced: ErasureSubject[] = [];
    for (const subject of group) {
      const isHeld = held.has(subject.person);
      const after = isHeld ? this.#withCurrentTags(subject) : await this.#fence(subject);
      const isExtended = (after.targets?.length ?? 0) > (subject.targets?.length ?? 0);
      await this.#setStatus(subject.person, isHeld, isExtended);
      fenced.push(after);
    }
    return fenced;
  }

  async #fence(subject: ErasureSubject): Promise<ErasureSubject> {
    const { fences, keys, clock } = this.#deps;
    const { planned: _, ...kept } = this.#withCurrentTags(subject);
    const targets = [...(kept.targets ?? [])];
    const known = new Set(targets.map(({ user_id }) => user_id));
    for (const id of subject.user_ids.filter((one) => !known.has(one))) {
      const at = clock().toISOString();
      const fence = await fences.fence({
        tag: keys.tag(id),
        tags: keys.tags(id),
        requestId: this.#requestId,
        at,
      });
      // Writers count from when the fence is there, which is after `at`.
      this.#fencedNow = clock();
      targets.push(targetOf(id, fence.generation, fence.fenced_at, keys));
    }
    return { ...kept, targets };
  }

  /** Keys may have been rotated since: stores and holds are asked by today's tags and all before. */
  #withCurrentTags(subject: ErasureSubject): ErasureSubject {
    const { keys } = this.#deps;
    const renew = (targets: readonly ErasureTarget[]): ErasureTarget[] =>
      targets.map(({ user_id, generation, fenced_at }) => targetOf(user_id, generation, fenced_at, keys));
    return {
      ...subject,
      ...(subject.targets && { targets: renew(subject.targets) }),
      ...(subject.planned && { planned: renew(subject.planned) }),
    };
  }

  /** Held ones wait; those whose receipt is written are open again when there is more of them to erase. */
  async #setStatus(person: number, isHeld: boolean, isExtended: boolean): Promise<void> {
    const before = this.#statuses.get(person) ?? "open";
    const isDone = before === "completed" && !isExtended && !this.#residue.has(person);
    const after = isDone ? before : isHeld ? "held" : "open";
    if (before === "completed" && !isDone) this.#hasReopened = true;
    this.#statuses.set(person, after);
    if (after !== before) await this.#deps.requests.putPerson(this.#requestId, person, { status: after });
  }
}

/** When they were fenced, the first first. */
const fencesOf = (targets: readonly ErasureTarget[] = []): string[] =>
  targets.map(({ fenced_at }) => fenced_at).sort();

const isSame = (a: ErasureSubject, b: ErasureSubject | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
