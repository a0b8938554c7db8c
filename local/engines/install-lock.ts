import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findProcess } from "../processes.ts";

/** Locks that this process holds: another with its id that lies on the disk is of a process that was killed. */
const held = new Set<string>();
/** Milliseconds after which a lock that says nothing was left by a process that was killed while it wrote. */
const WRITTEN_WITHIN = 5_000;

/**
 * Runs an installation alone, also among other processes of this clone (`npm start` and `npm test` at once).
 * The lock is a file that holds its owner's process id and command line, since ids come again (in a container at once);
 * one whose owner has gone is taken over.
 * @throws Error when the lock cannot be written: no right to, a full disk
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
    held.delete(file);
  }
}

function acquire(file: string): boolean {
  if (held.has(file)) return false;
  try {
    writeFileSync(file, `${process.pid} ${findProcess(process.pid)?.command ?? ""}`, { flag: "wx" });
    held.add(file);
    return true;
  } catch (error) {
    if (!isCode(error, "EEXIST")) {
      // Created, and then the disk was full.
      if (isCode(error, "ENOSPC")) rmSync(file, { force: true });
      throw error;
    }
  }
  try {
    if (isLeft(file)) rmSync(file, { force: true });
  } catch (error) {
    // The owner has just finished.
    if (!isCode(error, "ENOENT")) throw error;
  }
  return false;
}

/** Whether a lock's owner has gone. One that is being written is empty for a moment. */
function isLeft(file: string): boolean {
  const [, pid, command] = /^(\d+) ?(.*)$/s.exec(readFileSync(file, "utf8")) ?? [];
  if (pid === undefined) return Date.now() - statSync(file).mtimeMs > WRITTEN_WITHIN;
  return Number(pid) === process.pid || findProcess(Number(pid))?.command !== command;
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
