/** What a step reads and writes: two steps that touch nothing in common may be swapped without any difference. */
export interface Footprint {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

/** A step that an actor is about to make. */
export interface Step {
  readonly actor: string;
  readonly name: string;
  readonly footprint: Footprint;
  /** Only offered while this holds; absent: always. */
  readonly isEnabled?: () => boolean;
}

interface WaitingStep extends Step {
  readonly go: () => void;
}

/**
 * Runs actors one step at a time, in an order that is chosen from outside. Stores are in memory, so between two steps
 * nothing but microtasks happens, and a run is decided by its choices alone.
 */
export class Scheduler {
  #waiting: WaitingStep[] = [];
  readonly #crashed = new Set<string>();
  readonly #errors: unknown[] = [];
  readonly trace: string[] = [];

  /** Begins an actor; what it throws ends the run. */
  start(work: () => Promise<unknown>): void {
    work().catch((error: unknown) => {
      this.#errors.push(error);
    });
  }

  /** Waits until the step is chosen. */
  step(step: Step): Promise<void> {
    if (this.#crashed.has(step.actor)) return new Promise(() => undefined);
    // Whatever ends an actor writes this.
    const reads = [...(step.footprint.reads ?? []), `life of ${step.actor}`];
    return new Promise((resolve) => {
      this.#waiting.push({ ...step, footprint: { ...step.footprint, reads }, go: resolve });
    });
  }

  /** Lets an actor make no further step. */
  crash(actor: string): void {
    this.#crashed.add(actor);
    this.#waiting = this.#waiting.filter((step) => step.actor !== actor);
    this.trace.push(`${actor} dies`);
  }

  /** Steps that can be made now, in an order that does not depend on timing. */
  async choices(): Promise<readonly Step[]> {
    // Everything that follows from the last step is microtasks, which end before this.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#errors.length > 0) throw this.#errors[0];
    return this.#waiting
      .filter((step) => step.isEnabled?.() ?? true)
      .toSorted((a, b) => compare(nameOf(a), nameOf(b)));
  }

  /** The step of this name that waits, whether it may be made now or not. */
  find(name: string): Step | undefined {
    if (this.#errors.length > 0) throw this.#errors[0];
    return this.#waiting.find((step) => nameOf(step) === name);
  }

  make(chosen: Step): void {
    const index = this.#waiting.findIndex((step) => nameOf(step) === nameOf(chosen));
    const [step] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (step === undefined) throw new Error(`no such step: ${nameOf(chosen)}`);
    this.trace.push(nameOf(step));
    step.go();
  }
}

export const nameOf = ({ actor, name }: Step): string => `${actor}: ${name}`;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** True when the order of two steps that both wait makes no difference. */
export function areIndependent(a: Step, b: Step): boolean {
  const overlap = (x: readonly string[] = [], y: readonly string[] = []) =>
    x.some((name) => y.includes(name));
  return (
    !overlap(a.footprint.writes, b.footprint.writes) &&
    !overlap(a.footprint.writes, b.footprint.reads) &&
    !overlap(a.footprint.reads, b.footprint.writes)
  );
}
