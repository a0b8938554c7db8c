import { join } from "node:path";
import { LOOPBACK, type LocalConfig } from "../config.ts";
import type { Engine } from "./engine.ts";
import { engineEnvironment, startEngineProcess, stopEngineProcess } from "./engine-process.ts";

/** Athena's API in front of Trino: local/athena, in a process of its own. */
export function createAthena(config: LocalConfig, port: number, trinoPort: number): Engine {
  const logFile = join(config.folder, "logs", "athena.log");
  const url = `http://${LOOPBACK}:${port}`;
  return {
    name: "athena",
    standsFor: "Athena",
    starts: "beside",
    install: async () => undefined,
    start: () =>
      startEngineProcess({
        program: process.execPath,
        args: [
          join(config.root, "local", "athena", "main.ts"),
          ...[config.folder, port, trinoPort, config.ports.aws].map(String),
        ],
        env: engineEnvironment({}),
        cwd: config.root,
        logFile,
      }),
    async ready() {
      try {
        return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
      } catch {
        return false;
      }
    },
    stop: (started) => stopEngineProcess(started, 5_000),
    logs: () => logFile,
  };
}
