// Installs the npm packages. Plain JavaScript without packages: it runs before there are any.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { findNode } from "./node24.mjs";

/** Whether the packages of the lock file are installed. The stamp is written last, so an interrupted run has none. */
export function arePackagesInstalled(root) {
  const stamp = stampFile(root);
  return (
    existsSync(stamp) && readFileSync(stamp, "utf8") === wantedStamp(root) && findNode(root) !== undefined
  );
}

/**
 * What npm is told: also the packages for development and of this system, which bundle, deploy and test, whatever
 * NODE_ENV=production or a user's settings leave out; and those of the lock file, where a setting ignores it.
 */
export const INSTALL = [
  ...["install", "--no-save", "--no-audit", "--no-fund"],
  ...["--include=dev", "--include=optional", "--package-lock"],
];

/**
 * Installs the packages of the lock file. `npm install` and not `npm ci`: a registry may lack the platform packages of
 * other systems, and `npm ci` refuses a lock file without them.
 * @param say told, from time to time, how far it is
 * @returns exit code of npm; its words are in .hilo/npm.log
 */
export async function installPackages(root, say) {
  const logFile = join(root, ".hilo", "npm.log");
  mkdirSync(dirname(logFile), { recursive: true });
  const packages = packagesOfThisMachine(root);
  const child = spawn("npm", INSTALL, { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const output = [];
  child.stdout.on("data", (data) => output.push(data));
  child.stderr.on("data", (data) => output.push(data));
  let interrupted = 0;
  const interrupt = (signal) => {
    interrupted = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal];
    endGroup(child.pid);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupt);
  const started = Date.now();
  const timer = setInterval(() => {
    const unpacked = packages.filter((folder) => existsSync(join(root, folder, "package.json")));
    const percent = Math.min(99, Math.round((100 * unpacked.length) / packages.length));
    say(`${percent} % ${Math.round((Date.now() - started) / 1_000)} s`);
  }, 1_000);
  try {
    const code = await new Promise((resolve) => {
      child.once("error", () => resolve(1));
      child.once("close", (exitCode) => resolve(exitCode ?? 1));
    });
    writeFileSync(logFile, Buffer.concat(output));
    if (interrupted) return interrupted;
    if (code === 0) writeStamp(root);
    return code;
  } finally {
    clearInterval(timer);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, interrupt);
  }
}

function endGroup(pid) {
  try {
    process.kill(-pid, "SIGTERM");
  } catch {
    // It has ended.
  }
}

/** Folders of the lock file's packages, without those for other systems. */
function packagesOfThisMachine(root) {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const fits = (wanted, actual) => wanted === undefined || wanted.includes(actual);
  return Object.entries(packages)
    .filter(([folder, { os, cpu }]) => folder !== "" && fits(os, process.platform) && fits(cpu, process.arch))
    .map(([folder]) => folder);
}

function stampFile(root) {
  return join(root, ".hilo", "npm.stamp");
}

function wantedStamp(root) {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  return hash.update(`${process.platform} ${process.arch}`).digest("hex");
}

function writeStamp(root) {
  writeFileSync(`${stampFile(root)}.new`, wantedStamp(root));
  renameSync(`${stampFile(root)}.new`, stampFile(root));
}
