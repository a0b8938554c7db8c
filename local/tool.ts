import { spawn } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Lifetime } from "./lifetime.ts";
import { signalGroup } from "./processes.ts";
import { seconds } from "./progress.ts";

/** How a program that does one thing and ends is run. */
export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program, and all it started, when it ends. */
  readonly lifetime: Lifetime;
  /** Milliseconds after which the program is ended and reported. */
  readonly timeout: number;
  /** File that receives everything the program prints. */
  readonly logFile: string;
  /** Told each line that the program prints. */
  readonly onLine?: (line: string) => void;
  /** It and all it starts take the processor only where others leave it. */
  readonly lowPriority?: boolean;
}

/** A program failed; the message names it, its log, and its last lines. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** Lines of a failed program that its error shows. */
const SHOWN_LINES = 12;

/**
 * Runs a program in a process group of its own, to its end.
 * @throws ToolError when it cannot be started, fails, or takes too long
 * @throws Interruption when the lifetime ends, after the whole group has been ended
 */
export async function runTool(
  command: string,
  args: readonly string[],
  { cwd, env, lifetime, timeout, logFile, onLine, lowPriority = false }: ToolOptions,
): Promise<void> {
  const { signal } = lifetime;
  signal.throwIfAborted();
  mkdirSync(dirname(logFile), { recursive: true });
  const log = createWriteStream(logFile);
  const last: string[] = [];
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  if (lowPriority && child.pid !== undefined)
    setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const release = child.pid === undefined ? undefined : lifetime.guard(child.pid);
  const take = (line: string): void => {
    log.write(`${line}\n`);
    if (line.trim()) last.push(line);
    if (last.length > SHOWN_LINES) last.shift();
    onLine?.(line);
  };
  createInterface({ input: child.stdout }).on("line", take);
  createInterface({ input: child.stderr }).on("line", take);

  let tooLong = false;
  const end = (): void => endGroup(child.pid);
  const timer = setTimeout(() => {
    tooLong = true;
    end();
  }, timeout);
  signal.addEventListener("abort", end, { once: true });
  try {
    const outcome = await new Promise<string | undefined>((resolve) => {
      child.once("error", (error) => resolve(`cannot be started: ${error.message}`));
      child.once("close", (code, killedBy) =>
        resolve(code === 0 ? undefined : `ended with ${killedBy ?? `exit code ${code}`}`),
      );
    });
    signal.throwIfAborted();
    const failure = tooLong ? `took longer than ${seconds(timeout)}` : outcome;
    if (failure)
      throw new ToolError([`${command} ${failure}; all it said is in ${logFile}`, ...last].join("\n    "));
  } finally {
    clearTimeout(timer);
    release?.();
    signal.removeEventListener("abort", end);
    log.end();
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  signalGroup(pid, "SIGTERM");
  setTimeout(() => signalGroup(pid, "SIGKILL"), 3_000).unref();
}
