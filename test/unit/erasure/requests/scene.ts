import { generateKeyPairSync, sign } from "node:crypto";
import type { EraseStoresInput } from "../../../../functions/core/contracts/user-erasure.ts";
import type {
  ErasureSubject,
  ErasureTarget,
  RequestStatus,
} from "../../../../functions/core/domain/erasure.ts";
import type { Fence } from "../../../../functions/core/domain/fence.ts";
import { KeyChain } from "../../../../functions/core/domain/key-chain.ts";
import {
  ERASERS,
  type ErasableStoreName,
  type Eraser,
  storesOf,
} from "../../../../functions/core/domain/personal-stores.ts";
import type { ErasureExecutions } from "../../../../functions/core/ports/erasure-executions.ts";
import type { ErasureRequest, PersonState } from "../../../../functions/core/ports/erasure-requests.ts";
import type { Fences } from "../../../../functions/core/ports/fences.ts";
import type { ReceiptSigner } from "../../../../functions/core/ports/receipt-signer.ts";
import { approveErasure } from "../../../../functions/core/use-cases/erasure/approve-erasure.ts";
import { eraseStores } from "../../../../functions/core/use-cases/erasure/erase-stores.ts";
import { fencePeople } from "../../../../functions/core/use-cases/erasure/fence-people.ts";
import { finishErasure } from "../../../../functions/core/use-cases/erasure/finish-erasure.ts";
import { finishPlan } from "../../../../functions/core/use-cases/erasure/finish-plan.ts";
import { planErasure } from "../../../../functions/core/use-cases/erasure/plan-erasure.ts";
import { recheckErasures } from "../../../../functions/core/use-cases/erasure/recheck-erasures.ts";
import {
  requestErasure,
  type WantedErasure,
} from "../../../../functions/core/use-cases/erasure/request-erasure.ts";
import { NOW } from "../../../support/builders.ts";
import { createFakeErasureLedger } from "../../../support/fakes/fake-erasure-ledger.ts";
import { FakeErasureRequests } from "../../../support/fakes/fake-erasure-requests.ts";
import { createFakeFences } from "../../../support/fakes/fake-fences.ts";
import { FakeIdentities } from "../../../support/fakes/fake-identities.ts";
import { FakeLegalHolds } from "../../../support/fakes/fake-legal-holds.ts";
import {
  createFakePersonalStore,
  type FakePersonalStore,
  type FakeStep,
} from "../../../support/fakes/fake-personal-store.ts";

const PAIR = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
/** With which the scene's receipts can be checked. */
export const PUBLIC_KEY: string = PAIR.publicKey.export({ type: "spki", format: "pem" }).toString();

/** Signs with a key of its own. */
export const localSigner: ReceiptSigner = {
  keyId: async () => "arn:aws:kms:eu-west-1:1:key/scene",
  sign: async (bytes) => sign("sha256", bytes, PAIR.privateKey),
  publicKey: async () => PUBLIC_KEY,
};

export const DRAIN_SECONDS = 900;
const SECONDS = 1000;

/** What every call of a port passes through: waits, fails or kills there. */
export type Gate = (call: {
  readonly port: string;
  readonly method: string;
  readonly moment: "before" | "after";
}) => void | Promise<void>;

/**
 * Requests, people and stores in memory, and what the state machines do with them. Whenever a receipt is written or a
 * request called completed it looks, from outside, whether the stores really hold nothing older than the fences.
 */
export class Scene {
  readonly keys = new KeyChain({ k1: "k".repeat(64) });
  readonly fenced = new Map<string, Fence>();
  readonly holds = new FakeLegalHolds();
  readonly identities = new FakeIdentities();
  readonly stores: Readonly<Record<ErasableStoreName, FakePersonalStore>>;
  readonly requests: FakeErasureRequests;
  /** Executions that were started by name, and which of them run. */
  readonly started: string[] = [];
  readonly running = new Set<string>();
  readonly reported: string[] = [];
  now = Date.parse(NOW);
  peoplePerCall = 25;
  /** How often a call of a function is told that it has time. */
  timeChecks = Number.POSITIVE_INFINITY;
  gate: Gate = () => {};
  onStep: (step: FakeStep) => void | Promise<void> = () => {};
  readonly #fences: Fences;
  #unique = 0;

  constructor() {
    const clock = () => new Date(this.now);
    this.requests = new FakeErasureRequests(clock);
    this.#fences = createFakeFences({ fences: this.fenced }, { clock });
    this.stores = Object.fromEntries(
      storesOf().map((store) => [
        store,
        createFakePersonalStore({ store, onStep: (step) => this.onStep(step) }),
      ]),
    ) as Record<ErasableStoreName, FakePersonalStore>;
    this.#watch();
  }

  readonly clock = (): Date => new Date(this.now);

  /** Writes something about people into every store, in their live generation. */
  fill(...userIds: string[]): void {
    for (const name of storesOf()) this.fillStore(name, ...userIds);
  }

  fillStore(name: ErasableStoreName, ...userIds: string[]): void {
    for (const user_id of userIds) {
      const generation = (this.fenced.get(this.keys.tag(user_id))?.generation ?? 0) + 1;
      this.stores[name].put(
        { user_id, name: `a${generation}`, generation, value: `${name} of ${user_id}` },
        { user_id, name: `b${generation}`, generation, value: "more" },
      );
    }
  }

  link(alias: string, person: string, over: { valid_from?: string; valid_to?: string } = {}): Promise<void> {
    return this.identities.link({
      alias,
      person_id: person,
      valid_from: "2026-01-01T00:00:00.000Z",
      ...over,
    });
  }

  hold(userId: string): Promise<void> {
    return this.holds.set({ tag: this.keys.tag(userId), set_at: NOW, actor: "counsel", reason: "case 1" });
  }

  lift(userId: string): Promise<boolean> {
    return this.holds.lift(this.keys.tag(userId));
  }

  /** How many records of these people the stores hold, of generations up to `generation`. */
  left(userIds: readonly string[], generation = Number.POSITIVE_INFINITY): number {
    return storesOf()
      .flatMap((name) => this.stores[name].held)
      .filter((record) => userIds.includes(record.user_id) && record.generation <= generation).length;
  }

  /** Opens a request and counts it, as `hilo erase plan` and `erasure-plan` do. */
  async plan(wanted: Omit<WantedErasure, "actor">): Promise<ErasureRequest> {
    const unique = (++this.#unique).toString(16).padStart(12, "0");
    const request_id = await requestErasure(
      { ...wanted, actor: "planner" },
      { requests: this.requests, clock: this.clock, unique: () => unique },
    );
    await this.call("plan-erasure", (deps) => planErasure({ request_id }, deps));
    for (const eraser of ERASERS) await this.#loop(request_id, eraser, "plan", 0);
    return this.call("finish-plan", (deps) => finishPlan({ request_id }, deps));
  }

  approve({ request_id, plan_hash = "" }: Pick<ErasureRequest, "request_id" | "plan_hash">) {
    return this.call("approve-erasure", (deps) =>
      approveErasure({ request_id, plan_hash, actor: "approver" }, deps),
    );
  }

  /** Plans and approves. @returns the request's id */
  async approved(...userIds: string[]): Promise<string> {
    const request = await this.plan({ userIds });
    await this.approve(request);
    return request.request_id;
  }

  /** What the machine `user-erasure` does. @returns the name of the error it fails with, else the request's state */
  async run(request_id: string, { recheck = false } = {}): Promise<RequestStatus | string> {
    try {
      const { drainSeconds } = await this.call("fence-people", (deps) =>
        fencePeople({ request_id, recheck }, deps),
      );
      this.now = Math.max(this.now, this.now + drainSeconds * SECONDS);
      await this.gate({ port: "machine", method: "drained", moment: "after" });
      const branches: { eraser: Eraser; error?: string }[] = [];
      for (const _ of recheck ? ["last"] : ["first", "last"]) {
        branches.push(...(await Promise.all(ERASERS.map((eraser) => this.#branch(request_id, eraser)))));
      }
      const { status } = await this.call("finish-erasure", (deps) =>
        finishErasure({ request_id, recheck, branches }, deps),
      );
      return status;
    } catch (error) {
      if (error instanceof Error) return error.name;
      throw error;
    }
  }

  async recheck() {
    return this.call("recheck-erasures", (deps) => recheckErasures(deps));
  }

  /** As Lambda and the machine's Retry do: a call that was killed or failed for now is made again. */
  async call<T>(_name: string, work: (deps: ReturnType<Scene["deps"]>) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(this.deps());
      } catch (error) {
        const isRetried = error instanceof Error && ["TransientError", "Killed"].includes(error.name);
        if (!isRetried || attempt === 3) throw error;
      }
    }
  }

  async #branch(request_id: string, eraser: Eraser): Promise<{ eraser: Eraser; error?: string }> {
    try {
      await this.#loop(request_id, eraser, "count", 0);
      for (let attempt = 0; attempt < 5; attempt++) {
        await this.#loop(request_id, eraser, "erase", attempt);
        if ((await this.#loop(request_id, eraser, "verify", attempt)) === 0) return { eraser };
      }
      return { eraser, error: "ResidueError" };
    } catch (error) {
      return { eraser, error: error instanceof Error ? error.name : "Error" };
    }
  }

  async #loop(
    request_id: string,
    eraser: Eraser,
    operation: EraseStoresInput["operation"],
    attempt: number,
  ): Promise<number> {
    let [from, residue, done] = [1, 0, false];
    while (!done) {
      const input = { request_id, eraser, operation, from, attempt };
      const output = await this.call(`erase-${eraser}`, (deps) =>
        eraseStores(input, { ...deps, report: (store) => this.reported.push(store) }),
      );
      residue += output.remaining;
      ({ done, next: from } = output);
    }
    return residue;
  }

  deps() {
    let checks = 0;
    const kill = { isDead: false };
    const gated = <T extends object>(port: string, target: T): T => this.#gated(port, target, kill);
    return {
      requests: gated("requests", this.requests),
      identities: gated("identities", this.identities),
      holds: gated("holds", this.holds),
      fences: gated("fences", this.#fences),
      ledger: gated("ledger", createFakeErasureLedger({ fences: this.fenced })),
      signer: gated("signer", localSigner),
      executions: gated<ErasureExecutions>("executions", {
        start: async ({ request_id, recheck }, attempt) => {
          this.started.push(`${request_id}-${attempt}${recheck ? " recheck" : ""}`);
        },
        running: async () => this.running,
      }),
      stores: () =>
        Object.fromEntries(
          Object.entries(this.stores).map(([name, store]) => [name, gated(name, store)]),
        ) as Record<ErasableStoreName, FakePersonalStore>,
      keys: this.keys,
      clock: this.clock,
      drainSeconds: DRAIN_SECONDS,
      peoplePerCall: this.peoplePerCall,
      hasTime: () => ++checks <= this.timeChecks,
      software: "hilo test",
      report: (what: string) => {
        this.reported.push(what);
      },
    };
  }

  /** A port whose calls pass the gate; one that is killed there answers no more, like its process. */
  #gated<T extends object>(port: string, target: T, kill: { isDead: boolean }): T {
    const pass = async (method: string, moment: "before" | "after"): Promise<void> => {
      if (kill.isDead) throw new Killed();
      try {
        await this.gate({ port, method, moment });
      } catch (error) {
        kill.isDead = error instanceof Killed;
        throw error;
      }
    };
    return new Proxy(target, {
      get: (object, property) => {
        const value: unknown = Reflect.get(object, property, object);
        if (typeof value !== "function") return value;
        return async (...args: unknown[]) => {
          await pass(String(property), "before");
          const result: unknown = await Reflect.apply(value, object, args);
          await pass(String(property), "after");
          return result;
        };
      },
    });
  }

  /** Makes a claim that is not true an error of the test. */
  #watch(): void {
    const { requests } = this;
    const update = requests.update.bind(requests);
    const putPerson = requests.putPerson.bind(requests);
    requests.update = async (id, from, change) => {
      if (change.status === "completed") {
        const people = await requests.people(id);
        if (people.some(({ status }) => status !== "completed")) throw new FalseClaim(`${id}: completed`);
        for (const { person } of people) await this.#assertGone(id, person);
      }
      return update(id, from, change);
    };
    requests.putPerson = async (id, person, change) => {
      if (change.status === "completed") await this.#assertGone(id, person);
      return putPerson(id, person, change);
    };
  }

  async #assertGone(requestId: string, person: number): Promise<void> {
    const [subject] = await this.requests.subjects(requestId, person, person + 1);
    if (!subject?.targets) throw new FalseClaim(`${requestId} ${person}: not fenced`);
    for (const { user_id, generation } of subject.targets)
      if (this.left([user_id], generation) > 0) throw new FalseClaim(`${requestId} ${person}: still there`);
  }

  async request(id: string): Promise<ErasureRequest> {
    const request = await this.requests.read(id);
    if (request === undefined) throw new Error("no such request");
    return request;
  }

  async person(id: string, number = 1): Promise<PersonState> {
    const [state] = await this.requests.people(id, number, number + 1);
    if (state === undefined) throw new Error("no such person");
    return state;
  }

  async subject(id: string, number = 1): Promise<ErasureSubject> {
    const [subject] = await this.requests.subjects(id, number, number + 1);
    if (subject === undefined) throw new Error("no such subject");
    return subject;
  }

  pass(seconds: number): void {
    this.now += seconds * SECONDS;
  }
}

/** The process ended there. */
export class Killed extends Error {
  override readonly name = "Killed";
}

/** A receipt or a state says what is not so. */
class FalseClaim extends Error {
  override readonly name = "FalseClaim";
}

/** ids that targets are of, in order. */
export const idsOf = (targets: readonly ErasureTarget[] = []): string[] =>
  targets.map(({ user_id }) => user_id).sort();
