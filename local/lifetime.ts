import { startWatchdog } from "./watchdog.ts";

/** How long this process may go on, and who ends its children if it cannot. */
export interface Lifetime {
  /** Aborts when the process is told to end; the reason is an `Interruption`. */
  readonly signal: AbortSignal;
  /**
   * Has a process group ended, should this process disappear without a word.
   * @returns a function to call once the group has ended
   */
  guard(groupId: number): () => void;
  /** Ends the lifetime in order: nothing guarded is left. */
  close(): void;
}

/** Somebody asked the process to end: a signal, or the end of the process that started it. */
export class Interruption extends Error {
  override readonly name = "Interruption";
  /** Exit code that says so: 128 and the signal's number. */
  readonly exitCode: number;

  constructor(signal: keyof typeof SIGNALS) {
    super(`interrupted by ${signal}`);
    this.exitCode = 128 + SIGNALS[signal];
  }
}

const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
/** Milliseconds between two looks at whether the starter is still there. */
const PARENT_INTERVAL = 1_000;

/**
 * Opens the lifetime of a process that starts others: listens to SIGINT, SIGTERM and SIGHUP and keeps a watchdog.
 * `followParent` ends it also when the process that started it goes away, as npm does when it is killed.
 */
export function openLifetime({ followParent }: { readonly followParent: boolean }): Lifetime {
  const controller = new AbortController();
  const watchdog = startWatchdog();
  const end = (signal: keyof typeof SIGNALS) => (): void => controller.abort(new Interruption(signal));
  const handlers = (Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]).map((name) => ({
    name,
    handler: end(name),
  }));
  for (const { name, handler } of handlers) process.on(name, handler);
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (followParent && process.ppid !== parent) end("SIGHUP")();
  }, PARENT_INTERVAL);
  return {
    signal: controller.signal,
    guard(groupId) {
      watchdog.watch(groupId);
      return () => watchdog.forget(groupId);
    },
    close() {
      clearInterval(timer);
      watchdog.dismiss();
      for (const { name, handler } of handlers) process.off(name, handler);
    },
  };
}
