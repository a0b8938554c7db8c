import { readLocalConfig } from "./config.ts";
import { Interruption, type Lifetime, openLifetime } from "./lifetime.ts";
import { createProgress } from "./progress.ts";
import { installEngines, StageError, startEngines } from "./stage.ts";

/** `start [--once]` for the terminal of a person, `up` for a process in the background. */
const [mode = "start"] = process.argv.slice(2);

process.exitCode = await run(openLifetime({ followParent: mode === "start" }));

async function run(lifetime: Lifetime): Promise<number> {
  const progress = createProgress();
  try {
    const config = readLocalConfig();
    await installEngines(config, progress, lifetime);
    const engines = await startEngines(config, progress, lifetime);
    try {
      engines.markReady();
      progress.say("Ready.");
      await ended(lifetime.signal);
    } finally {
      await progress.step("stopping", () => engines.stop());
    }
    return 0;
  } catch (error) {
    if (error instanceof Interruption) return error.exitCode;
    process.stderr.write(`${error instanceof StageError ? error.message : String(error)}\n`);
    return 1;
  } finally {
    lifetime.close();
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
