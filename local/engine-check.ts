import type { LocalConfig } from "./config.ts";
import { createEngines } from "./engines/registry.ts";
import { currentPorts, type RunFile, readRunFile } from "./run-file.ts";

/** What the engines of an instance say about themselves. */
export interface EngineCheck {
  /** How far the instance is; nothing while it does not run. */
  readonly phase: RunFile["phase"] | undefined;
  /** Names of the engines that do not answer. */
  readonly silent: readonly string[];
}

/** Asks every engine of an instance for an answer now. */
export async function checkEngines(config: LocalConfig): Promise<EngineCheck> {
  const engines = createEngines({ ...config, ports: currentPorts(config) });
  const answers = await Promise.all(
    engines.map(async (engine) => ({ name: engine.name, ready: await engine.ready() })),
  );
  return {
    phase: readRunFile(config)?.phase,
    silent: answers.filter(({ ready }) => !ready).map(({ name }) => name),
  };
}
