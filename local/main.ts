import { type LocalConfig, readLocalConfig } from "./config.ts";
import { runDemo } from "./demo/run-demo.ts";
import { deployStage } from "./deploy.ts";
import { Interruption, type Lifetime, openLifetime } from "./lifetime.ts";
import { createProgress, type Progress, seconds } from "./progress.ts";
import { applyTemplates } from "./search-templates.ts";
import { installEngines, type RunningEngines, StageError, startEngines } from "./stage.ts";
import { ToolError } from "./tool.ts";

/**
 * Runs the local stage until it is told to end.
 * Arguments: `start` for the terminal of a person or `up` for the background; the instance's folder, which marks this
 * process as one of that instance; `--engines` deploys nothing; with `start`, `--once` ends after the demonstration.
 */
const [mode = "start", , ...options] = process.argv.slice(2);
const began = Date.now();

process.exitCode = await run(openLifetime({ followParent: mode === "start" }));

async function run(lifetime: Lifetime): Promise<number> {
  const progress = createProgress();
  try {
    const config = readConfig();
    await installEngines(config, progress, lifetime);
    const engines = await startEngines(config, progress, lifetime);
    try {
      await serve(config, engines, progress, lifetime);
    } finally {
      await progress.step("stopping", () => engines.stop());
    }
    return 0;
  } catch (error) {
    // What waits for the signal may report it as an error of its own.
    const reason: unknown = lifetime.signal.aborted ? lifetime.signal.reason : error;
    if (reason instanceof Interruption) return reason.exitCode;
    process.stderr.write(`${describe(error)}\n`);
    return 1;
  } finally {
    lifetime.close();
  }
}

async function serve(
  config: LocalConfig,
  engines: RunningEngines,
  progress: Progress,
  lifetime: Lifetime,
): Promise<void> {
  const bare = options.includes("--engines");
  if (!bare) {
    await deployStage(config, progress, lifetime);
    await applyTemplates(config, progress);
  }
  await engines.complete();
  engines.mark(bare ? "engines" : "ready");
  progress.say(`The local stage is ready after ${seconds(Date.now() - began)}.`);
  if (mode === "start") {
    await runDemo(progress, lifetime.signal);
    if (options.includes("--once")) return;
    progress.say("It stays up until Ctrl-C.");
  }
  await ended(lifetime.signal);
}

/** @throws StageError that names the variable whose value is wrong */
function readConfig(): LocalConfig {
  try {
    return readLocalConfig();
  } catch (error) {
    throw new StageError(error instanceof Error ? error.message : String(error));
  }
}

/** One line where a person can do something about it; the whole trace where it is a fault of ours. */
function describe(error: unknown): string {
  if (error instanceof StageError || error instanceof ToolError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
