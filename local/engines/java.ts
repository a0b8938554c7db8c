import { readdirSync } from "node:fs";
import { join } from "node:path";
import { runTool } from "../tool.ts";
import type { InstallContext } from "./engine.ts";
import { UTF8 } from "./engine-process.ts";
import { withInstallLock } from "./install-lock.ts";
import { javaProgram } from "./python.ts";

const COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";
const TIMEOUT = 1_800_000;

/** Jars to fetch. */
export interface Dependencies {
  /** Pom that lists them. */
  readonly pom: string;
  readonly scope: "runtime" | "provided";
  /** Folder that receives them. */
  readonly output: string;
  /** Names the log. */
  readonly name: string;
  /** Whether jars are named after their group too, where some share a name. @default false */
  readonly withGroup?: boolean;
  /** Told each jar when it arrives, and again when it is copied to its place. */
  readonly onJar?: (jar: string, step: "downloaded" | "copied") => void;
}

/** Copies the jars of a pom into a folder. One Maven at a time, since all share one repository on disk. */
export async function copyDependencies(
  { config: { toolsFolder }, lifetime }: InstallContext,
  { pom, scope, output, name, withGroup = false, onJar }: Dependencies,
): Promise<void> {
  const args = ["-B", "-f", pom, COPY, `-DincludeScope=${scope}`, `-DoutputDirectory=${output}`];
  await withInstallLock(join(toolsFolder, "maven.lock"), lifetime.signal, () =>
    runTool("mvn", withGroup ? [...args, "-Dmdep.prependGroupId=true"] : args, {
      ...{ lifetime, timeout: TIMEOUT, cwd: toolsFolder, env: { ...process.env, ...UTF8 } },
      logFile: join(toolsFolder, "logs", `${name}.log`),
      onLine(line) {
        const [, verb, jar] = /(Downloaded from|Copying) .*?([\w.-]+\.jar)/.exec(line) ?? [];
        if (jar !== undefined) onJar?.(jar, verb === "Copying" ? "copied" : "downloaded");
      },
    }),
  );
}

/** Classes of ours that start an engine. */
export interface Classes {
  /** Folder that has the engine's jars in `lib`, the compiler's in `compiler`, and receives the classes in `classes`. */
  readonly tool: string;
  readonly sources: readonly string[];
  /** Names the log. */
  readonly name: string;
}

/** Compiles Java by Eclipse's compiler: the stage's Java runtime has none of its own. */
export async function compileJava(
  { config, lifetime }: InstallContext,
  { tool, sources, name }: Classes,
): Promise<void> {
  const compiler = ["-cp", join(tool, "compiler", "*"), "org.eclipse.jdt.internal.compiler.batch.Main"];
  // The compiler, unlike the virtual machine, takes no `*` in its class path.
  const jars = readdirSync(join(tool, "lib")).map((jar) => join(tool, "lib", jar));
  const target = ["-21", "-cp", jars.join(":"), "-d", join(tool, "classes")];
  const logFile = join(config.toolsFolder, "logs", `${name}.log`);
  const options = { lifetime, timeout: 120_000, logFile, env: { ...process.env, ...UTF8 } };
  await runTool(javaProgram(config), [...compiler, ...target, ...sources], options);
}
