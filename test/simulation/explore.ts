import { areIndependent, nameOf, type Scheduler, type Step } from "./scheduler.ts";

/** One run of a scenario: its actors are begun, and it can be looked at when they are done. */
export interface Run {
  readonly scheduler: Scheduler;
  /** Called after every step. @throws when something is wrong */
  readonly check: () => void;
  /** Called at the end. @throws when something is wrong */
  readonly finish: () => Promise<void>;
}

const MAX_STEPS = 2_000;

/** A run that ended wrong, with the steps that led there. */
class WrongRun extends Error {
  override readonly name = "WrongRun";
  constructor(trace: readonly string[], cause: unknown) {
    super(`${cause instanceof Error ? cause.message : String(cause)}\n  ${trace.join("\n  ")}`, { cause });
  }
}

interface Frame {
  /** Steps whose every continuation was seen from elsewhere: they need not be tried here. */
  readonly asleep: readonly Step[];
  readonly choices: readonly Step[];
  /** Steps tried here before the present one. */
  readonly done: Step[];
  present: Step;
}

/**
 * Makes every order of steps, but for orders that differ only in steps that touch nothing in common (sleep sets): of
 * those, one.
 * @returns how many runs were made @throws WrongRun
 */
export async function exploreAll(begin: () => Promise<Run>, limit = 200_000): Promise<number> {
  const path: Frame[] = [];
  for (let runs = 1; runs <= limit; runs++) {
    const run = await begin();
    try {
      await explorePath(run, path);
    } catch (error) {
      throw new WrongRun(run.scheduler.trace, error);
    }
    if (!toNextBranch(path)) return runs;
  }
  throw new Error(`more than ${limit} runs`);
}

/** Follows the path and from its end the first steps that are awake, to the end of the run. */
async function explorePath(run: Run, path: Frame[]): Promise<void> {
  const made = path.length;
  for (let depth = 0; depth < MAX_STEPS; depth++) {
    const choices = await run.scheduler.choices();
    // What came before was looked at when this path was made first.
    if (depth >= made) run.check();
    if (choices.length === 0) return run.finish();
    const known = path[depth];
    const asleep = known?.asleep ?? asleepAfter(path[depth - 1]);
    const present = known?.present ?? choices.find((step) => !isAmong(step, asleep));
    // All that can be made here was made elsewhere in another order.
    if (present === undefined) return;
    if (!known) path.push({ asleep, choices, done: [], present });
    run.scheduler.make(present);
  }
  throw new Error(`more than ${MAX_STEPS} steps`);
}

/** Sets the deepest frame that has another step to try on that step. @returns false when all were tried */
function toNextBranch(path: Frame[]): boolean {
  for (let frame = path.at(-1); frame; frame = path.at(-1)) {
    frame.done.push(frame.present);
    const next = frame.choices.find((step) => !isAmong(step, frame.asleep) && !isAmong(step, frame.done));
    if (next) {
      frame.present = next;
      return true;
    }
    path.pop();
  }
  return false;
}

/** What stays asleep below a frame: what slept or was tried there and does not depend on the step taken. */
const asleepAfter = (frame: Frame | undefined): Step[] =>
  frame ? [...frame.asleep, ...frame.done].filter((step) => areIndependent(step, frame.present)) : [];

const isAmong = (step: Step, steps: readonly Step[]): boolean =>
  steps.some((other) => nameOf(other) === nameOf(step));

/**
 * Makes one run whose order, and whatever else `random` decides, comes from a seed.
 * @param disturb called between steps @throws WrongRun
 */
export async function runAtRandom(run: Run, random: () => number, disturb: () => boolean): Promise<void> {
  const { scheduler } = run;
  // Uniform choices hardly ever let one actor do much while another waits: some runs are made of long stretches.
  const persistence = random() * 0.95;
  let last = "";
  try {
    for (let count = 0; count < MAX_STEPS; count++) {
      const before = await scheduler.choices();
      run.check();
      const choices = disturb() ? await scheduler.choices() : before;
      const same = random() < persistence ? choices.filter(({ actor }) => actor === last) : [];
      const among = same.length > 0 ? same : choices;
      const chosen = among[Math.floor(random() * among.length)];
      if (chosen === undefined) return await run.finish();
      last = chosen.actor;
      scheduler.make(chosen);
    }
    throw new Error(`more than ${MAX_STEPS} steps`);
  } catch (error) {
    throw new WrongRun(scheduler.trace, error);
  }
}
