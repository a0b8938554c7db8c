import { spawn } from "node:child_process";
import { closeSync, createReadStream, existsSync, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type LocalConfig, readLocalConfig } from "./config.ts";
import { checkEngines } from "./engine-check.ts";
import { endProcesses, findStageProcesses, isRunning } from "./processes.ts";
import { readRunFile, removeRunFile } from "./run-file.ts";

/** Milliseconds that a stop may take before what is left is ended the hard way. */
const STOP_GRACE = 40_000;

/**
 * Starts the local stage in the background, shows its progress, and returns when it is ready.
 * A stage that runs already is left alone; one with a dead engine is stopped and started again.
 * @param options passed on to local/main.ts
 * @returns exit code: 0 when it is ready
 */
export async function startInBackground(
  options: readonly string[],
  config = readLocalConfig(),
): Promise<number> {
  const wanted = options.includes("--engines") ? "engines" : "ready";
  const run = readRunFile(config);
  if (run) {
    const { phase, silent } = await checkEngines(config);
    if (silent.length === 0 && (phase === wanted || phase === "ready")) {
      console.log("The local stage is already up.");
      return 0;
    }
    if (phase === "starting" || phase === "stopping") {
      console.error(
        `The local stage is ${phase} (process ${run.supervisor}): wait, or stop it with: npx hilo down`,
      );
      return 1;
    }
    console.log(
      silent.length > 0
        ? `${silent.join(", ")} not answering: starting the stage again`
        : "Deploying the stage",
    );
    await stopInstance(config);
  }
  return launch(config, options);
}

/**
 * Stops an instance wherever it was started, and what an interrupted run of it left behind.
 * @returns whether anything ran
 */
export async function stopInstance(config: LocalConfig = readLocalConfig()): Promise<boolean> {
  const run = readRunFile(config);
  if (run) await endProcesses([run.supervisor], STOP_GRACE);
  const left = findStageProcesses(config.folder);
  await endProcesses(
    left.map(({ pid }) => pid),
    10_000,
  );
  removeRunFile(config);
  return run !== undefined || left.length > 0;
}

/** Removes everything that a stopped instance stored. */
export function wipeInstance(config: LocalConfig = readLocalConfig()): void {
  rmSync(config.folder, { recursive: true, force: true });
}

function isUp(config: LocalConfig): boolean {
  const phase = readRunFile(config)?.phase;
  return phase === "ready" || phase === "engines";
}

async function launch(config: LocalConfig, options: readonly string[]): Promise<number> {
  const logFile = join(config.folder, "logs", "stage.log");
  mkdirSync(join(config.folder, "logs"), { recursive: true });
  const log = openSync(logFile, "w");
  const args = [join(config.root, "local", "bootstrap.mjs"), "up", ...options];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ["ignore", log, log],
    cwd: config.root,
  });
  closeSync(log);
  child.unref();
  let exitCode: number | undefined;
  child.once("exit", (code) => {
    exitCode = code ?? 1;
  });
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    if (child.pid && isRunning(child.pid)) process.kill(child.pid, "SIGTERM");
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);

  let shown = 0;
  const show = async (): Promise<void> => {
    if (!existsSync(logFile)) return;
    const end = statSync(logFile).size;
    if (end === shown) return;
    for await (const part of createReadStream(logFile, { start: shown, end: end - 1 }))
      process.stdout.write(part);
    shown = end;
  };
  while (exitCode === undefined && (interrupted || !isUp(config))) {
    await show();
    await sleep(200);
  }
  await show();
  if (exitCode === undefined) return 0;
  return interrupted ? 130 : exitCode || 1;
}
