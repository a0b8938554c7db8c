import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** A process seen on this machine. */
export interface SeenProcess {
  readonly pid: number;
  readonly parentPid: number;
  readonly groupId: number;
  /** The whole command line, arguments joined by spaces. */
  readonly command: string;
}

/**
 * Lists the processes of this machine that this user may see, from /proc where there is one, else from `ps`.
 * Zombies are left out: they run nothing.
 */
function listProcesses(): SeenProcess[] {
  return process.platform === "linux" ? listFromProc() : listFromPs();
}

/** One process, or nothing when it does not run. */
export function findProcess(pid: number): SeenProcess | undefined {
  return process.platform === "linux" ? seenFromProc(pid) : listProcesses().find((seen) => seen.pid === pid);
}

/** Programs that the stage starts, as they appear in a command line. */
const STAGE_PROGRAMS =
  /valkey-server |\/launcher\.py |-Dhilo\.(?:stage|trino)=|\/ministack-lambda-|\/local\/(?:athena\/)?main\.ts |\/cdk /;

/**
 * Finds the processes that belong to one instance of the stage. Each one is a program of the stage and carries the
 * instance's folder in its command line, so a recycled process id, a stranger on the same port or somebody who
 * reads a log is never taken for one of ours. The caller and those who started it are left out.
 */
export function findStageProcesses(
  folder: string,
  processes: readonly SeenProcess[] = listProcesses(),
): SeenProcess[] {
  const lineage = ancestors(process.pid, processes);
  return processes.filter(
    (seen) =>
      STAGE_PROGRAMS.test(seen.command) && mentionsFolder(seen.command, folder) && !lineage.has(seen.pid),
  );
}

/** Whether a command line names this folder, or a file in it, and not merely a folder whose name begins alike. */
export function mentionsFolder(command: string, folder: string): boolean {
  let at = command.indexOf(folder);
  while (at >= 0) {
    const next = command[at + folder.length];
    if (next === undefined || next === "/" || next === " " || next === '"') return true;
    at = command.indexOf(folder, at + 1);
  }
  return false;
}

/** Whether a process runs under this id (a zombie does not). */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    return readStat(pid).state !== "Z";
  } catch {
    return false;
  }
}

/** Sends a signal to a process group, or to the one process where it leads no group; a missing one is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // No such group or process: the next form, or nothing to do.
    }
  }
}

/** Waits until a process is gone. Returns false when it still runs after `milliseconds`. */
export async function waitForExit(pid: number, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  while (isRunning(pid)) {
    if (Date.now() > end) return false;
    await sleep(50);
  }
  return true;
}

/** Ends processes: SIGTERM, then SIGKILL for those that have not gone within `graceMilliseconds`. */
export async function endProcesses(pids: readonly number[], graceMilliseconds: number): Promise<void> {
  for (const pid of pids) signalProcess(pid, "SIGTERM");
  await Promise.all(
    pids.map(async (pid) => {
      if (await waitForExit(pid, graceMilliseconds)) return;
      signalProcess(pid, "SIGKILL");
      await waitForExit(pid, 5_000);
    }),
  );
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone by itself.
  }
}

function ancestors(pid: number, processes: readonly SeenProcess[]): Set<number> {
  const parents = new Map(processes.map((seen) => [seen.pid, seen.parentPid]));
  const lineage = new Set<number>();
  for (
    let current: number | undefined = pid;
    current && !lineage.has(current);
    current = parents.get(current)
  )
    lineage.add(current);
  return lineage;
}

function listFromProc(): SeenProcess[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => seenFromProc(Number(entry)) ?? []);
}

function seenFromProc(pid: number): SeenProcess | undefined {
  try {
    const stat = readStat(pid);
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    if (stat.state === "Z" || !command) return undefined;
    return { pid, parentPid: stat.parentPid, groupId: stat.groupId, command };
  } catch {
    return undefined; // It ended while it was being read.
  }
}

function readStat(pid: number): { state: string; parentPid: number; groupId: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The second field is the program's name in brackets and may itself hold brackets and spaces.
  const [state = "", parentPid, groupId] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state, parentPid: Number(parentPid), groupId: Number(groupId) };
}

function listFromPs(): SeenProcess[] {
  const lines = execFileSync("ps", ["-axww", "-o", "pid=,ppid=,pgid=,stat=,command="], { encoding: "utf8" });
  return parsePs(lines);
}

/** Reads what `ps -o pid=,ppid=,pgid=,stat=,command=` prints. */
export function parsePs(lines: string): SeenProcess[] {
  return lines.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line);
    if (!match?.[5] || match[4]?.startsWith("Z")) return [];
    return [
      { pid: Number(match[1]), parentPid: Number(match[2]), groupId: Number(match[3]), command: match[5] },
    ];
  });
}
