import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { endpointsOf, LOOPBACK, type LocalConfig } from "../config.ts";
import type { Engine } from "./engine.ts";
import { engineEnvironment, startEngineProcess, stopEngineProcess } from "./engine-process.ts";
import { installPython, pythonProgram } from "./python.ts";

/** MiniStack through Hilo's launcher; it stands for AWS but for what the other engines do. */
export function createMiniStack(config: LocalConfig): Engine {
  const folder = join(config.folder, "data", "ministack");
  const temporary = join(config.folder, "tmp");
  const logFile = join(config.folder, "logs", "ministack.log");
  const url = `http://${LOOPBACK}:${config.ports.aws}`;
  return {
    name: "ministack",
    standsFor: "AWS",
    starts: "last",
    install: installPython,
    start() {
      mkdirSync(temporary, { recursive: true });
      // MiniStack's worker script is CommonJS; the clone's package.json would make it an ES module.
      writeFileSync(join(temporary, "package.json"), '{ "type": "commonjs" }\n');
      return startEngineProcess({
        program: pythonProgram(config),
        args: [join(import.meta.dirname, "ministack", "launcher.py"), config.folder],
        env: engineEnvironment({
          // Lambda functions run on the first `node` of PATH.
          PATH: `${join(config.root, "node_modules", ".bin")}:${process.env["PATH"] ?? ""}`,
          // Lambda functions are unpacked here; their command lines then carry the instance's folder.
          TMPDIR: temporary,
          BIND_HOST: LOOPBACK,
          // The host in queue URLs, so that they lead to loopback and never to `localhost` over IPv6.
          MINISTACK_HOST: LOOPBACK,
          GATEWAY_PORT: String(config.ports.aws),
          MINISTACK_REGION: "us-east-1",
          SFTP_ENABLED: "0",
          IOT_MTLS_ENABLED: "0",
          PERSIST_STATE: "1",
          STATE_DIR: join(folder, "state"),
          S3_PERSIST: "1",
          S3_DATA_DIR: join(folder, "s3"),
          // Inherited by the functions, whose SDK clients then talk to the emulator.
          AWS_ENDPOINT_URL: url,
          // Where the stage has no Athena, a query finds nobody, and not the emulator's imitation.
          AWS_ENDPOINT_URL_ATHENA: endpointsOf(config.ports).athena ?? `http://${LOOPBACK}:9`,
          AWS_REGION: "us-east-1",
          AWS_DEFAULT_REGION: "us-east-1",
          AWS_ACCESS_KEY_ID: "test",
          AWS_SECRET_ACCESS_KEY: "test",
        }),
        cwd: folder,
        logFile,
      });
    },
    ready: () => answers(`${url}/_ministack/health`),
    stop: (started) => stopEngineProcess(started, 20_000),
    logs: () => logFile,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
