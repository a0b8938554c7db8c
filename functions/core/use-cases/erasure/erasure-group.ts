import type { EraseStoresInput } from "../../contracts/user-erasure.ts";
import { inGroups } from "../../domain/batches.ts";
import {
  addCounts,
  type ErasureSubject,
  type ErasureTarget,
  isNothing,
  NOTHING_HELD,
  type StoreCounts,
} from "../../domain/erasure.ts";
import { removedBefore } from "../../domain/erasure-errors.ts";
import type { ErasableStoreName } from "../../domain/personal-stores.ts";
import type { ErasureRequest, ErasureRequests, PersonState } from "../../ports/erasure-requests.ts";
import type { LegalHolds } from "../../ports/legal-holds.ts";
import type { ErasePace, PersonalStore } from "../../ports/personal-store.ts";
import { heldAmong, tagsOf } from "./person-tags.ts";

export interface ErasureGroupDeps {
  readonly requests: Pick<ErasureRequests, "subjects" | "people" | "putPerson" | "putCounts">;
  readonly holds: Pick<LegalHolds, "held">;
  readonly hasTime: () => boolean;
}

export interface StepResult {
  readonly done: boolean;
  /** What verification found: items, objects, versions and rows. */
  readonly remaining: number;
}

type CountKind = Parameters<ErasureRequests["putCounts"]>[1];
type Counted = Parameters<ErasureRequests["putCounts"]>[2][number];

/** People whose counts are written down by one call. */
const WRITTEN_AT_ONCE = 100;
const DONE: StepResult = { done: true, remaining: 0 };

/** Some people of a request, whose ids one call of a store takes. */
export class ErasureGroup {
  readonly #requestId: string;
  readonly #subjects: readonly ErasureSubject[];
  readonly #states: ReadonlyMap<number, PersonState>;
  readonly #owners: ReadonlyMap<string, ErasureSubject>;
  readonly #marked = new Set<number>();
  readonly #counts = new Map<CountKind, Counted[]>();
  readonly #deps: ErasureGroupDeps;
  #asked: Promise<readonly ErasureTarget[]> | undefined;

  private constructor(
    requestId: string,
    subjects: readonly ErasureSubject[],
    states: readonly PersonState[],
    deps: ErasureGroupDeps,
  ) {
    this.#requestId = requestId;
    this.#subjects = subjects;
    this.#states = new Map(states.map((state) => [state.person, state]));
    this.#owners = new Map(
      subjects.flatMap((subject) => subject.user_ids.map((id) => [id, subject] as const)),
    );
    this.#deps = deps;
  }

  /** People from one number to another (exclusive). @throws TransientError | PermanentError */
  static async read(
    { request_id, people }: ErasureRequest,
    from: number,
    to: number,
    deps: ErasureGroupDeps,
  ): Promise<ErasureGroup> {
    const end = Math.min(to, people + 1);
    const [subjects, states] = await Promise.all([
      deps.requests.subjects(request_id, from, end),
      deps.requests.people(request_id, from, end),
    ]);
    return new ErasureGroup(request_id, subjects, states, deps);
  }

  /** One step for one store. @throws what the store, the ledger or the holds throw */
  step(
    operation: EraseStoresInput["operation"],
    name: ErasableStoreName,
    store: PersonalStore,
  ): Promise<StepResult> {
    if (operation === "plan") return this.#plan(name, store);
    if (operation === "count") return this.#count(name, store);
    return operation === "erase" ? this.#erase(name, store) : this.#verify(name, store);
  }

  async #plan(name: ErasableStoreName, store: PersonalStore): Promise<StepResult> {
    const targets = this.#subjects.flatMap(({ planned = [] }) => planned);
    this.#keep("planned", name, targets, await callWith(targets, (all) => store.count(all)));
    return DONE;
  }

  /** Only those who were not counted before: `before` is from before the first removal. */
  async #count(name: ErasableStoreName, store: PersonalStore): Promise<StepResult> {
    const targets = (await this.#readable()).filter((target) => {
      const owner = this.#owners.get(target.user_id);
      return owner !== undefined && this.#states.get(owner.person)?.before[name] === undefined;
    });
    this.#keep("before", name, targets, await callWith(targets, (all) => store.count(all)));
    return DONE;
  }

  async #erase(name: ErasableStoreName, store: PersonalStore): Promise<StepResult> {
    const pace: ErasePace = {
      hasTime: this.#deps.hasTime,
      unheld: (targets) => this.#unheld(targets),
    };
    for (;;) {
      const targets = await this.#erasable();
      if (targets.length === 0) return DONE;
      const { done, removed } = await store.erase(targets, pace).catch(async (error: unknown) => {
        this.#keep("removed", name, targets, removedBefore(error));
        await this.flush();
        throw error;
      });
      this.#keep("removed", name, targets, removed);
      // At once: what is removed cannot be counted again.
      await this.flush();
      if (done) return DONE;
      if (!this.#deps.hasTime()) return { done: false, remaining: 0 };
    }
  }

  async #verify(name: ErasableStoreName, store: PersonalStore): Promise<StepResult> {
    const targets = await this.#readable();
    const after = await callWith(targets, (all) => store.verify(all));
    this.#keep("after", name, targets, after);
    const found = after.reduce(addCounts, NOTHING_HELD);
    return { done: true, remaining: found.items + found.objects + found.versions + found.rows };
  }

  /** For what changes nothing the holds are asked once: what a later one keeps from being erased is found, or marked. */
  #readable(): Promise<readonly ErasureTarget[]> {
    this.#asked ??= this.#erasable();
    return this.#asked;
  }

  /** Targets of those who are fenced and not held, neither now nor since this execution began. */
  #erasable(): Promise<readonly ErasureTarget[]> {
    const isHeld = ({ person }: ErasureSubject): boolean =>
      this.#marked.has(person) || this.#states.get(person)?.status === "held";
    return this.#unheld(
      this.#subjects.filter((subject) => !isHeld(subject)).flatMap(({ targets = [] }) => targets),
    );
  }

  /**
   * Of these targets those whose person is not held now. Whoever is gets marked before anything else is done: what is not
   * erased for it must not pass for verified when the hold is lifted a moment later.
   */
  async #unheld(targets: readonly ErasureTarget[]): Promise<readonly ErasureTarget[]> {
    const ownerOf = ({ user_id }: ErasureTarget): ErasureSubject | undefined => this.#owners.get(user_id);
    const people = new Set(targets.flatMap((target) => ownerOf(target) ?? []));
    const held = await heldAmong(
      [...people].map((subject) => ({ person: subject.person, tags: tagsOf(subject) })),
      this.#deps.holds,
    );
    for (const person of held) await this.#mark(person);
    return targets.filter((target) => {
      const owner = ownerOf(target);
      return owner !== undefined && !held.has(owner.person);
    });
  }

  /** Who has a receipt keeps it: a later hold is about what came after. */
  async #mark(person: number): Promise<void> {
    if (this.#marked.has(person)) return;
    if (this.#states.get(person)?.status !== "completed")
      await this.#deps.requests.putPerson(this.#requestId, person, { status: "held" });
    this.#marked.add(person);
  }

  /** Keeps counts of targets, summed by person, for `flush`. */
  #keep(
    kind: CountKind,
    store: ErasableStoreName,
    targets: readonly ErasureTarget[],
    counted: readonly StoreCounts[],
  ): void {
    const sums = new Map<number, StoreCounts>();
    for (const [index, target] of targets.entries()) {
      const person = this.#owners.get(target.user_id)?.person;
      if (person === undefined) continue;
      sums.set(person, addCounts(sums.get(person) ?? NOTHING_HELD, counted[index] ?? NOTHING_HELD));
    }
    for (const [person, counts] of sums) {
      if (kind === "removed" && isNothing(counts)) continue;
      const kept = this.#counts.get(kind) ?? [];
      this.#counts.set(kind, kept);
      kept.push({ person, store, counts });
    }
  }

  /** Writes down what was counted: of all stores at once, for each person has one item. */
  async flush(): Promise<void> {
    for (const [kind, counts] of this.#counts) {
      const people = [...Map.groupBy(counts, ({ person }) => person).values()];
      for (const some of inGroups(people, WRITTEN_AT_ONCE))
        await this.#deps.requests.putCounts(this.#requestId, kind, some.flat());
    }
    this.#counts.clear();
  }
}

/** Nobody is left to ask about where all are held. */
const callWith = async (
  targets: readonly ErasureTarget[],
  call: (targets: readonly ErasureTarget[]) => Promise<readonly StoreCounts[]>,
): Promise<readonly StoreCounts[]> => (targets.length === 0 ? [] : call(targets));
