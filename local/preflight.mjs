// What a machine must have for the local stage. Plain JavaScript without packages: it runs before they are installed,
// on any Node from 20. Types for TypeScript's side: preflight.d.mts.
import { execFile, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statfsSync } from "node:fs";
import { createServer } from "node:net";
import { totalmem } from "node:os";

/** Gigabytes that must be free for packages, engines and data. */
const DISK_GIGABYTES = 3;
/** Memory of the whole machine that the stage needs, in gigabytes. */
const MEMORY_GIGABYTES = 3.5;

/** First version number in a program's output, as numbers: "Python 3.11.7" gives [3, 11, 7]. */
export function parseVersion(output) {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(output);
  return match ? match.slice(1).map((part) => Number(part ?? 0)) : undefined;
}

/** Whether a version is at least another, comparing number by number. */
export function isAtLeast(version, minimum) {
  for (const [index, wanted] of minimum.entries()) {
    const actual = version[index] ?? 0;
    if (actual !== wanted) return actual > wanted;
  }
  return true;
}

/** Says what is wrong with the Node that runs this, or nothing. */
export function nodeProblem(version) {
  if (isAtLeast(parseVersion(version) ?? [0], [20])) return undefined;
  return `Node ${version} is too old: Hilo needs 20 or newer. Get it from https://nodejs.org or with: nvm install 24`;
}

/** Says what is wrong with Python, given what `python3 --version` printed (nothing when it could not run). */
export function pythonProblem(output, hasVenv) {
  const get = "Get it with: apt install python3 python3-venv, dnf install python3, or brew install python";
  const version = output === undefined ? undefined : parseVersion(output);
  if (!version) return `Python is missing: Hilo needs 3.10 or newer. ${get}`;
  if (!isAtLeast(version, [3, 10]))
    return `Python ${version.join(".")} is too old: Hilo needs 3.10 or newer. ${get}`;
  if (!hasVenv) return "Python's venv with pip is missing. Get it with: apt install python3-venv";
  return undefined;
}

/** Says what is wrong with Maven, given what `mvn --version` printed (nothing when it could not run). */
export function mavenProblem(output) {
  const get = "Get it with: apt install maven, dnf install maven, or brew install maven";
  if (output === undefined || !/Apache Maven/.test(output))
    return `Maven (mvn) is missing or has no Java. ${get}`;
  return isAtLeast(parseVersion(output) ?? [0], [3, 6])
    ? undefined
    : `Maven is too old: Hilo needs 3.6 or newer. ${get}`;
}

/** Says that memory is short, given the machine's bytes. */
export function memoryProblem(bytes) {
  const gigabytes = bytes / 2 ** 30;
  if (gigabytes >= MEMORY_GIGABYTES) return undefined;
  return `This machine has ${gigabytes.toFixed(1)} GB of memory; the engines need ${MEMORY_GIGABYTES} GB`;
}

/** Says that the disk is short, given the free bytes where the clone is and the megabytes still to be installed. */
export function diskProblem(freeBytes, folder, neededGigabytes = DISK_GIGABYTES) {
  const gigabytes = freeBytes / 2 ** 30;
  if (gigabytes >= neededGigabytes) return undefined;
  return `${gigabytes.toFixed(1)} GB are free in ${folder}; Hilo needs ${neededGigabytes} GB. Free some space, or move the clone`;
}

/** Bytes free for this user on the disk that holds a folder. */
export function freeBytes(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** Looks at the programs, memory and disk of this machine; returns one line per problem. */
export async function findMachineProblems(folder, neededGigabytes) {
  const [python, venv, maven] = await Promise.all([
    outputOf("python3", ["--version"]),
    outputOf("python3", ["-c", "import venv, ensurepip"]),
    outputOf("mvn", ["--version"]),
  ]);
  return [
    nodeProblem(process.versions.node),
    pythonProblem(python, venv !== undefined),
    mavenProblem(maven),
    memoryProblem(totalmem()),
    diskProblem(freeBytes(folder), folder, neededGigabytes),
  ].filter((problem) => problem !== undefined);
}

/** Whether something listens on a port of loopback. */
export function isPortTaken(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error.code === "EADDRINUSE"));
    server.listen({ port, host: "127.0.0.1" }, () => server.close(() => resolve(false)));
  });
}

/** The process that listens on a port, where this user may see it. */
export function findPortHolder(port) {
  return process.platform === "linux" ? holderFromProc(port) : holderFromLsof(port);
}

/** Says that a port is taken, by whom, and what to do. */
export function takenPortProblem({ port, variable, engine }, holder) {
  const by = holder ? `process ${holder.pid} (${holder.command.slice(0, 80)})` : "another program";
  return `Port ${port} for ${engine} is taken by ${by}: stop that, or choose another port with ${variable}`;
}

/** One line for each port that is taken. */
export async function findPortProblems(uses) {
  const problems = await Promise.all(
    uses.map(async (use) =>
      (await isPortTaken(use.port)) ? takenPortProblem(use, findPortHolder(use.port)) : undefined,
    ),
  );
  return problems.filter((problem) => problem !== undefined);
}

function outputOf(program, args) {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve(error ? undefined : `${stdout}${stderr}`),
    );
  });
}

/** Inodes of the sockets that listen on a port, from the text of /proc/net/tcp or tcp6. */
export function parseListeners(table, port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === "0A")
    .map((fields) => fields[9]);
}

function holderFromProc(port) {
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => {
      try {
        return parseListeners(readFileSync(file, "utf8"), port);
      } catch {
        return [];
      }
    }),
  );
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      const holds = readdirSync(`/proc/${pid}/fd`).some((fd) => {
        const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`)) ?? [];
        return inode !== undefined && inodes.has(inode);
      });
      if (!holds) continue;
      return {
        pid: Number(pid),
        command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim(),
      };
    } catch {
      // The process ended, or belongs to another user.
    }
  }
  return undefined;
}

function holderFromLsof(port) {
  const { stdout } = spawnSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-Fpc"], {
    encoding: "utf8",
  });
  const [, pid, command] = /^p(\d+)\n(?:f.*\n)?c(.*)$/m.exec(stdout ?? "") ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), command };
}
