import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning } from "../processes.ts";

/**
 * Runs an installation alone, also among other processes of this clone (`npm start` and `npm test` at once).
 * The lock is a file that holds its owner's process id; one whose owner has gone is taken over.
 */
export async function withInstallLock<T>(
  file: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  while (!acquire(file)) {
    await sleep(250, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function acquire(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    try {
      const owner = Number(readFileSync(file, "utf8"));
      if (owner > 0 && !isRunning(owner)) rmSync(file, { force: true });
    } catch {
      // The owner has just finished.
    }
    return false;
  }
}
