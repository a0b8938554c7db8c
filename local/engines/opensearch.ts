import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LOOPBACK, type LocalConfig } from "../config.ts";
import type { Engine, InstallContext } from "./engine.ts";
import { engineEnvironment, startEngineProcess, stopEngineProcess } from "./engine-process.ts";
import { withInstallLock } from "./install-lock.ts";
import { compileJava, copyDependencies } from "./java.ts";
import { installPython, javaProgram } from "./python.ts";
import { clearStamp, fingerprint, isStamped, writeStamp } from "./stamp.ts";

const SOURCES = join(import.meta.dirname, "opensearch");
const CLASSES = ["Main.java", "ThaiBreaks.java"];
/** Names the class that Java asks for the boundaries of Thai words. */
const PROVIDERS = "META-INF/services/java.text.spi.BreakIteratorProvider";
/** Jars that the pom brings, for the percentage only. */
const JARS = 119;

/** OpenSearch, which stands for the OpenSearch Service. */
export function createOpenSearch(config: LocalConfig): Engine {
  const folder = join(config.folder, "data", "opensearch");
  const logFile = join(config.folder, "logs", "opensearch.log");
  const tool = join(config.toolsFolder, "opensearch");
  const { opensearch, opensearchTransport } = config.ports;
  return {
    name: "opensearch",
    standsFor: "OpenSearch Service",
    starts: "first",
    async install(context) {
      await installPython(context);
      await installOpenSearch(context, tool);
    },
    start() {
      const options = [
        "-Xms512m",
        "-Xmx1g",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Djava.locale.providers=CLDR,SPI",
        `-Dhilo.stage=${config.folder}`,
      ];
      const classes = ["-cp", `${join(tool, "classes")}:${join(tool, "lib")}/*`];
      return startEngineProcess({
        program: javaProgram(config),
        args: [...options, ...classes, "Main", folder, String(opensearch), String(opensearchTransport)],
        env: engineEnvironment({}),
        cwd: folder,
        logFile,
      });
    },
    ready: () => isHealthy(`http://${LOOPBACK}:${opensearch}`),
    stop: (started) => stopEngineProcess(started, 20_000),
    logs: () => logFile,
  };
}

async function installOpenSearch(context: InstallContext, tool: string): Promise<void> {
  const { config, progress, lifetime } = context;
  const stamp = join(config.toolsFolder, "opensearch.stamp");
  const files = ["pom.xml", ...CLASSES, PROVIDERS];
  const wanted = fingerprint(...files.map((file) => readFileSync(join(SOURCES, file))));
  if (isStamped(stamp, wanted)) return;
  await withInstallLock(join(config.toolsFolder, "opensearch.lock"), lifetime.signal, async () => {
    if (isStamped(stamp, wanted)) return;
    await progress.step("OpenSearch", async (detail) => {
      clearStamp(stamp);
      rmSync(tool, { recursive: true, force: true });
      mkdirSync(join(tool, "classes"), { recursive: true });
      let jars = 0;
      const onJar = (jar: string): void =>
        detail(`${Math.min(99, Math.round((100 * ++jars) / JARS))} % ${jar}`);
      const pom = join(SOURCES, "pom.xml");
      const name = "maven-opensearch";
      const server = { pom, name, scope: "runtime", output: join(tool, "lib"), onJar } as const;
      await copyDependencies(context, server);
      const compilerJars = {
        scope: "provided",
        output: join(tool, "compiler"),
        name: `${name}-compiler`,
      } as const;
      await copyDependencies(context, { ...server, ...compilerJars });
      const sources = CLASSES.map((file) => join(SOURCES, file));
      await compileJava(context, { tool, sources, name: "opensearch-compile" });
      cpSync(join(SOURCES, PROVIDERS), join(tool, "classes", PROVIDERS));
      writeStamp(stamp, wanted);
    });
  });
}

const health = z.object({ status: z.enum(["green", "yellow", "red"]) });

async function isHealthy(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/_cluster/health`, { signal: AbortSignal.timeout(2_000) });
    return response.ok && health.parse(await response.json()).status !== "red";
  } catch {
    return false;
  }
}
