import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { runStatement } from "../athena/trino-client.ts";
import { LOOPBACK, type LocalConfig } from "../config.ts";
import type { Engine, InstallContext } from "./engine.ts";
import { engineEnvironment, startEngineProcess, stopEngineProcess } from "./engine-process.ts";
import { withInstallLock } from "./install-lock.ts";
import { compileJava, copyDependencies } from "./java.ts";
import { installPython, javaProgram } from "./python.ts";
import { clearStamp, fingerprint, isStamped, writeStamp } from "./stamp.ts";

const SOURCES = join(import.meta.dirname, "trino");
/** What each pom brings and where it goes; jars are counted for the percentage only. */
const PARTS = [
  { pom: "pom.xml", scope: "runtime", output: "lib", jars: 173 },
  { pom: "pom.xml", scope: "provided", output: "compiler", jars: 1 },
  { pom: "hive-pom.xml", scope: "runtime", output: "plugin/hive", jars: 163 },
] as const;
/** Names the connector that Trino finds in the plugin's folder. */
const PROVIDER = "META-INF/services/io.trino.spi.Plugin";

/** Trino, which runs what Athena is asked; `athena.ts` answers Athena's API on it. */
export function createTrino(config: LocalConfig, port: number): Engine {
  const folder = join(config.folder, "data", "trino");
  const logFile = join(config.folder, "logs", "trino.log");
  const tool = join(config.toolsFolder, "trino");
  return {
    name: "trino",
    standsFor: "Athena's engine",
    starts: "beside",
    async install(context) {
      await installPython(context);
      await installTrino(context, tool);
    },
    start() {
      writeSettings(config, port, folder, tool);
      const options = [
        "-Xmx1g",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Djdk.attach.allowAttachSelf=true",
        "-Dfile.encoding=UTF-8",
        "-Duser.timezone=UTC",
        `-Dconfig=${join(folder, "config.properties")}`,
        `-Dhilo.trino=${config.folder}`,
      ];
      const classes = ["-cp", `${join(tool, "classes")}:${join(tool, "lib")}/*`];
      return startEngineProcess({
        program: javaProgram(config),
        args: [...options, ...classes, "Main"],
        env: engineEnvironment({}),
        cwd: folder,
        logFile,
      });
    },
    ready: () => answersQueries(`http://${LOOPBACK}:${port}`),
    // It keeps nothing: tables are in the emulator's Glue and S3.
    stop: (started) => stopEngineProcess(started, 5_000),
    logs: () => logFile,
  };
}

const info = z.object({ starting: z.boolean() });

/** A server that says it has started cannot always schedule a query yet, so that it is asked one then. */
async function answersQueries(url: string): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(5_000);
    const { starting } = info.parse(await (await fetch(`${url}/v1/info`, { signal })).json());
    if (starting) return false;
    const { error } = await runStatement({ url, sql: "SELECT 1", signal });
    return error === undefined;
  } catch {
    return false;
  }
}

function writeSettings({ ports }: LocalConfig, port: number, folder: string, tool: string): void {
  const url = `http://${LOOPBACK}:${port}`;
  const aws = `http://${LOOPBACK}:${ports.aws}`;
  const catalogs = join(folder, "catalog");
  mkdirSync(catalogs, { recursive: true });
  writeProperties(join(folder, "config.properties"), {
    coordinator: "true",
    "node-scheduler.include-coordinator": "true",
    "http-server.http.port": String(port),
    "discovery.uri": url,
    "plugin.dir": join(tool, "plugin"),
    "catalog.config-dir": catalogs,
    "node.environment": "local",
    "node.id": "hilo",
    "node.bind-ip": LOOPBACK,
    "node.internal-address": LOOPBACK,
    "query.max-memory": "400MB",
    "query.max-memory-per-node": "400MB",
    "memory.heap-headroom-per-node": "200MB",
  });
  // Named as Athena names its own catalog, so that `awsdatacatalog.database.table` means the same.
  writeProperties(join(catalogs, "awsdatacatalog.properties"), {
    "connector.name": "hive",
    "hive.metastore": "glue",
    "hive.metastore.glue.region": "us-east-1",
    "hive.metastore.glue.endpoint-url": aws,
    "hive.metastore.glue.aws-access-key": "test",
    "hive.metastore.glue.aws-secret-key": "test",
    "fs.native-s3.enabled": "true",
    "s3.endpoint": aws,
    "s3.region": "us-east-1",
    "s3.path-style-access": "true",
    "s3.aws-access-key": "test",
    "s3.aws-secret-key": "test",
    "hive.partition-projection-enabled": "true",
    "hive.ignore-absent-partitions": "true",
    "hive.security": "allow-all",
  });
}

function writeProperties(file: string, properties: Readonly<Record<string, string>>): void {
  writeFileSync(file, formatProperties(properties));
}

/** A file of Java properties: read as Latin-1, so that anything beyond ASCII is escaped. */
export function formatProperties(properties: Readonly<Record<string, string>>): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const lines = Object.entries(properties).map(
    ([name, value]) => `${name}=${value.replaceAll("\\", "\\\\").replace(/[^\x20-\x7e]/g, escaped)}\n`,
  );
  return lines.join("");
}

async function installTrino(context: InstallContext, tool: string): Promise<void> {
  const { config, progress, lifetime } = context;
  const stamp = join(config.toolsFolder, "trino.stamp");
  const files = ["pom.xml", "hive-pom.xml", "Main.java", join("plugin", PROVIDER)];
  const wanted = fingerprint(...files.map((file) => readFileSync(join(SOURCES, file))));
  if (isStamped(stamp, wanted)) return;
  await withInstallLock(join(config.toolsFolder, "trino.lock"), lifetime.signal, async () => {
    if (isStamped(stamp, wanted)) return;
    await progress.step("Trino", async (detail) => {
      clearStamp(stamp);
      rmSync(tool, { recursive: true, force: true });
      mkdirSync(join(tool, "classes"), { recursive: true });
      const total = PARTS.reduce((sum, { jars }) => sum + jars, 0);
      let copied = 0;
      const onJar = (jar: string, step: "downloaded" | "copied"): void => {
        if (step === "copied") copied += 1;
        detail(`${Math.min(99, Math.round((100 * copied) / total))} % ${jar}`);
      };
      for (const { pom, scope, output } of PARTS)
        await copyDependencies(context, {
          ...{ pom: join(SOURCES, pom), scope, output: join(tool, output), withGroup: true, onJar },
          name: `maven-trino-${output.replace("/", "-")}`,
        });
      cpSync(join(SOURCES, "plugin"), join(tool, "plugin", "hive", "services"), { recursive: true });
      const sources = [join(SOURCES, "Main.java")];
      await compileJava(context, { tool, sources, name: "trino-compile" });
      writeStamp(stamp, wanted);
    });
  });
}
