// What a machine must have for the local stage. Plain JavaScript without packages: it runs before they are installed,
// on any Node from 20. Types for TypeScript's side: preflight.d.mts.
import { execFile } from "node:child_process";
import { statfsSync } from "node:fs";
import { totalmem } from "node:os";

/** Gigabytes that must be free for packages and engines, and for data where those are there. */
const INSTALL_GIGABYTES = 3;
const RUN_GIGABYTES = 1;
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

/** Says that the disk is short, given the free bytes where the clone is and the gigabytes that are needed. */
export function diskProblem(freeBytes, folder, neededGigabytes) {
  const gigabytes = freeBytes / 2 ** 30;
  if (gigabytes >= neededGigabytes) return undefined;
  return `${gigabytes.toFixed(1)} GB are free in ${folder}; Hilo needs ${neededGigabytes} GB. Free some space, or move the clone`;
}

/** Bytes free for this user on the disk that holds a folder. */
function freeBytes(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * Looks at the programs, memory and disk of this machine; returns one line per problem.
 * Python and Maven are needed only while something is still `toInstall`.
 */
export async function findMachineProblems(folder, { toInstall }) {
  return [
    nodeProblem(process.versions.node),
    ...(toInstall ? await findProgramProblems() : []),
    memoryProblem(totalmem()),
    diskProblem(freeBytes(folder), folder, toInstall ? INSTALL_GIGABYTES : RUN_GIGABYTES),
  ].filter((problem) => problem !== undefined);
}

async function findProgramProblems() {
  const [python, venv, maven] = await Promise.all([
    outputOf("python3", ["--version"]),
    outputOf("python3", ["-c", "import venv, ensurepip"]),
    outputOf("mvn", ["--version"]),
  ]);
  return [pythonProblem(python, venv !== undefined), mavenProblem(maven)];
}

function outputOf(program, args) {
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 30_000 }, (error, stdout, stderr) =>
      resolve(error ? undefined : `${stdout}${stderr}`),
    );
  });
}
