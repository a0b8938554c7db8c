import { mkdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { LocalConfig } from "./config.ts";
import type { Engine, EngineProcess } from "./engines/engine.ts";
import { createEngines } from "./engines/registry.ts";
import type { Lifetime } from "./lifetime.ts";
import { findPortProblems, portUses } from "./ports.mjs";
import { endProcesses, findStageProcesses } from "./processes.ts";
import type { Progress } from "./progress.ts";
import { type RunFile, readRunFile, removeRunFile, writeRunFile } from "./run-file.ts";

/** A person can do something about this; its message is one line that says what. */
export class StageError extends Error {
  override readonly name = "StageError";
}

/** Engines that run, started by this process. */
export interface RunningEngines {
  /**
   * Waits for the engines that come up beside the others and their deployment.
   * @throws StageError when one does not come up
   */
  complete(): Promise<void>;
  /** Says what the instance's users find: the deployed stage, or bare engines. */
  mark(phase: "ready" | "engines"): void;
  /** Stops all engines in parallel, keeping their state. Repeatable. */
  stop(): Promise<void>;
}

/** Milliseconds that an engine may take until it answers; one beside the deployment shares the machine with it. */
const READY_TIMEOUT = 90_000;
const BESIDE_TIMEOUT = 240_000;

/** Fetches the engines' programs that are not there yet. When it fails or is interrupted, nothing of it still runs. */
export async function installEngines(
  config: LocalConfig,
  progress: Progress,
  lifetime: Lifetime,
): Promise<void> {
  const engines = createEngines(config);
  const installs = await Promise.allSettled(
    engines.map((engine) => engine.install({ config, progress, lifetime })),
  );
  lifetime.signal.throwIfAborted();
  const failed = installs.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

/**
 * Starts all engines of an instance and waits until those answer that others need. What an earlier run of the same instance left behind
 * (its starter was killed) is ended first. An engine that ends later is reported through `progress`.
 * @throws StageError when the instance runs already, a port is taken, or an engine does not come up;
 *   nothing is left running then
 */
export async function startEngines(
  config: LocalConfig,
  progress: Progress,
  lifetime: Lifetime,
): Promise<RunningEngines> {
  const other = readRunFile(config);
  if (other && other.supervisor !== process.pid) throw new StageError(runsAlready(other));
  await clearLeftovers(config, progress);
  const taken = await findPortProblems(portUses(config.ports));
  if (taken.length > 0) throw new StageError(taken.join("\n"));
  mkdirSync(config.folder, { recursive: true });

  const engines = createEngines(config);
  const started = new Map<Engine, EngineProcess>();
  const answering = new Set<Engine>();
  let stopping = false;
  const record = (phase: RunFile["phase"]): void =>
    writeRunFile(config, {
      phase,
      engines: Object.fromEntries([...started].map(([engine, { pid }]) => [engine.name, pid])),
      ports: config.ports,
    });
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    record("stopping");
    for (const group of stopOrder([...started.keys()]))
      await Promise.all(group.map((engine) => stopOne(engine, started.get(engine))));
    removeRunFile(config);
  };
  const startOne = async (engine: Engine): Promise<void> => {
    const running = engine.start();
    if (running.pid) lifetime.guard(running.pid);
    started.set(engine, running);
    record("starting");
    void running.ended.then((how) => {
      if (answering.has(engine) && !stopping) progress.say(deathNotice(engine, how));
    });
    await progress.step(engine.name, () => waitUntilReady(engine, running, lifetime.signal));
    answering.add(engine);
  };
  const startAll = (when: Engine["starts"]): Promise<unknown> =>
    Promise.all(engines.filter(({ starts }) => starts === when).map(startOne));

  const beside = startAll("beside");
  // Whoever asks for completeness is told; until then a failure is nobody's.
  beside.catch(() => undefined);
  try {
    await startAll("first");
    await startAll("last");
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async complete() {
      await beside;
    },
    mark: record,
    stop,
  };
}

/** What runs functions against the other engines stops before them. */
function stopOrder(engines: readonly Engine[]): Engine[][] {
  return [
    engines.filter(({ starts }) => starts === "last"),
    engines.filter(({ starts }) => starts !== "last"),
  ];
}

async function stopOne(engine: Engine, running: EngineProcess | undefined): Promise<void> {
  if (running) await engine.stop(running);
}

function runsAlready({ supervisor }: RunFile): string {
  return `The stage is already running (process ${supervisor}). Look at it with: npx hilo status. Stop it with: npx hilo down`;
}

/** Ends what belongs to this instance and has no living starter. */
async function clearLeftovers(config: LocalConfig, progress: Progress): Promise<void> {
  const left = findStageProcesses(config.folder);
  if (left.length === 0) return;
  progress.say(`  Ending ${left.length} processes that an interrupted run left behind`);
  await endProcesses(
    left.map(({ pid }) => pid),
    10_000,
  );
}

async function waitUntilReady(engine: Engine, running: EngineProcess, signal: AbortSignal): Promise<void> {
  const timeout = engine.starts === "beside" ? BESIDE_TIMEOUT : READY_TIMEOUT;
  const end = Date.now() + timeout;
  let ended: string | undefined;
  void running.ended.then((how) => {
    ended = how;
  });
  while (!(await engine.ready())) {
    signal.throwIfAborted();
    if (ended !== undefined) throw new StageError(deathNotice(engine, ended));
    if (Date.now() > end)
      throw new StageError(
        `${engine.name} does not answer after ${timeout / 1_000} s. Its log: ${engine.logs()}`,
      );
    await sleep(100);
  }
}

function deathNotice(engine: Engine, how: string): string {
  return `${engine.name} ended by itself (${how})${lastWords(engine)}. Start it again with: npx hilo up. Its log: ${engine.logs()}`;
}

function lastWords(engine: Engine): string {
  try {
    const line = readFileSync(engine.logs(), "utf8").trimEnd().split("\n").at(-1)?.trim().slice(0, 160);
    return line ? `, saying: ${line}` : "";
  } catch {
    return "";
  }
}
