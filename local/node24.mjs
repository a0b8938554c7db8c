// Finds the Node that runs TypeScript: the host's from 24 on, else the one that comes with the packages.
// Plain JavaScript without packages, for the entries that any Node from 20 may start.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";

/** Path of a Node >= 24, or nothing while the packages are not installed. */
export function findNode(root, hostVersion = process.versions.node) {
  if (Number.parseInt(hostVersion, 10) >= 24) return process.execPath;
  const packaged = join(
    root,
    "node_modules",
    "node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  return existsSync(packaged) ? packaged : undefined;
}

/** The environment in which the clone's own programs are found first, and no proxy stands before the engines. */
export function cloneEnvironment(root, node, given = process.env) {
  const path = [join(root, "node_modules", ".bin"), join(node, ".."), given.PATH].join(delimiter);
  // The CDK follows HTTP_PROXY also to loopback, and Node does where NODE_USE_ENV_PROXY is set.
  const direct = [given.no_proxy || given.NO_PROXY, "127.0.0.1"].filter(Boolean).join(",");
  return { ...given, PATH: path, NO_PROXY: direct, no_proxy: direct };
}

/**
 * Runs a program in this terminal to its end and returns its exit code; signals that this process gets are passed on.
 * With `followParent`, when the process that started this one goes away (npm was killed), the program is told to end.
 */
export async function runInTerminal(program, args, { followParent = true, ...options }) {
  const child = spawn(program, args, { stdio: "inherit", ...options });
  const pass = (signal) => child.kill(signal);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, pass);
  const parent = process.ppid;
  const timer = setInterval(() => followParent && process.ppid !== parent && child.kill("SIGTERM"), 1_000);
  try {
    return await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
    });
  } finally {
    clearInterval(timer);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, pass);
  }
}
