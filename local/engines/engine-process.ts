import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { isRunning, signalGroup, waitForExit } from "../processes.ts";
import type { EngineProcess } from "./engine.ts";

/** How an engine's process is started. */
export interface EngineCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly logFile: string;
}

/** Starts an engine in a process group of its own, so that Ctrl-C reaches only the one who stops it in order. */
export function startEngineProcess({ program, args, env, cwd, logFile }: EngineCommand): EngineProcess {
  mkdirSync(cwd, { recursive: true });
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "a");
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  // A program that cannot be started has no id; 0 stands for it and is never signalled.
  return { pid: child.pid ?? 0, ended };
}

/** Stops an engine: SIGTERM to its leader, SIGKILL after `grace` milliseconds, then whatever is left of its group. */
export async function stopEngineProcess({ pid }: EngineProcess, grace: number): Promise<void> {
  if (pid === 0) return;
  if (isRunning(pid)) {
    process.kill(pid, "SIGTERM");
    if (!(await waitForExit(pid, grace))) process.kill(pid, "SIGKILL");
  }
  signalGroup(pid, "SIGKILL");
}

/**
 * Has a program take file names for UTF-8. Java follows the locale: where none is set, as in a container, it cannot open
 * a file in a folder whose name has an accent.
 */
export const UTF8 = { LC_ALL: "C.UTF-8" } as const;

/** The environment of an engine: what programs need of the host's, and nothing that could lead them to a real account. */
export function engineEnvironment(additions: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "LANG", "TZ", "USER", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
  return { ...Object.fromEntries(kept.map((name) => [name, process.env[name]])), ...UTF8, ...additions };
}
