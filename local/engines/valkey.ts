import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { LOOPBACK, type LocalConfig } from "../config.ts";
import type { Engine } from "./engine.ts";
import { engineEnvironment, startEngineProcess, stopEngineProcess } from "./engine-process.ts";
import { installPython, valkeyProgram } from "./python.ts";

/** Valkey, which stands for ElastiCache. */
export function createValkey(config: LocalConfig): Engine {
  const folder = join(config.folder, "data", "valkey");
  const configFile = join(config.folder, "valkey.conf");
  const logFile = join(config.folder, "logs", "valkey.log");
  return {
    name: "valkey",
    standsFor: "ElastiCache",
    starts: "first",
    install: installPython,
    start() {
      mkdirSync(folder, { recursive: true });
      writeFileSync(configFile, settings(config, folder));
      return startEngineProcess({
        program: valkeyProgram(config),
        args: [configFile],
        env: engineEnvironment({}),
        cwd: folder,
        logFile,
      });
    },
    ready: () => answersPing(config.ports.redis),
    stop: (started) => stopEngineProcess(started, 10_000),
    logs: () => logFile,
  };
}

/**
 * Every write is on disk before it is answered (`appendfsync always`): the stage is small, and then no kill of the
 * process loses what was acknowledged. `set-proc-title no` keeps the instance's folder visible in the process list.
 */
function settings(config: LocalConfig, folder: string): string {
  return [
    `bind ${LOOPBACK}`,
    `port ${config.ports.redis}`,
    `dir "${folder}"`,
    "daemonize no",
    "set-proc-title no",
    "maxmemory 256mb",
    "maxmemory-policy allkeys-lru",
    "appendonly yes",
    "appendfsync always",
    'save ""',
    "",
  ].join("\n");
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: LOOPBACK, port, timeout: 1_000 });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => socket.write("PING\r\n"));
    socket.once("data", (data) => settle(data.toString().startsWith("+PONG")));
    socket.once("error", () => settle(false));
    socket.once("timeout", () => settle(false));
    socket.once("close", () => settle(false));
  });
}
