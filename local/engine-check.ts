import type { LocalConfig } from "./config.ts";
import { createEngines } from "./engines/registry.ts";
import { currentPorts, readRunFile } from "./run-file.ts";

/** What the engines of an instance say about themselves. */
export interface EngineCheck {
  /** Whether the instance was started and its deployment has ended. */
  readonly started: boolean;
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
    started: readRunFile(config)?.phase === "ready",
    silent: answers.filter(({ ready }) => !ready).map(({ name }) => name),
  };
}
