/**
 * What happens at one call of a port. `crash`: the process is gone, before the call or once it was done; nothing it had
 * under way goes on. `error`: the call fails, before it reaches the store or once the store has done it.
 */
export interface FaultAt {
  /** Which call of the run, from 1. */
  readonly call: number;
  readonly kind: "crash" | "error";
  readonly moment: "before" | "after";
}

/** The process is gone. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** Counts the calls of the ports it wraps, over all lives of a process, and lets faults happen at some of them. */
export class FaultPoint {
  readonly #faults: readonly FaultAt[];
  readonly #failure: () => Error;
  readonly #underWay = new Set<Promise<unknown>>();
  #calls = 0;
  #die: (crash: Crash) => void = () => undefined;
  #isDead = false;

  constructor(faults: readonly FaultAt[], failure: () => Error) {
    this.#faults = faults;
    this.#failure = failure;
  }

  get calls(): number {
    return this.#calls;
  }

  /** The port, each of whose calls is counted. */
  wrap<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name, receiver) => {
        const member: unknown = Reflect.get(target, name, receiver);
        if (typeof member !== "function") return member;
        return (...args: readonly unknown[]) =>
          this.#step(async (): Promise<unknown> => Reflect.apply(member, target, args));
      },
    });
  }

  /**
   * Lives one life of the process: runs the work until it ends or crashes.
   * @throws Crash once all that the store was asked before has settled
   */
  async live<T>(work: () => Promise<T>): Promise<T> {
    this.#isDead = false;
    const death = new Promise<never>((_, reject) => {
      this.#die = reject;
    });
    try {
      return await Promise.race([work(), death]);
    } catch (error) {
      if (error instanceof Crash) await Promise.allSettled(this.#underWay);
      throw error;
    }
  }

  async #step(call: () => Promise<unknown>): Promise<unknown> {
    if (this.#isDead) return NEVER;
    this.#calls += 1;
    const fault = this.#faults.find((one) => one.call === this.#calls);
    if (fault?.moment === "before") return this.#fail(fault);
    const result = call();
    this.#underWay.add(result);
    const answer = await result.finally(() => this.#underWay.delete(result));
    if (fault) return this.#fail(fault);
    return this.#isDead ? NEVER : answer;
  }

  #fail({ kind }: FaultAt): Promise<never> {
    if (kind === "error") return Promise.reject(this.#failure());
    this.#isDead = true;
    this.#die(new Crash());
    return NEVER;
  }
}

/** What a process that is gone awaits. */
const NEVER = new Promise<never>(() => undefined);
