import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { LocalConfig } from "./config.ts";

/** What a deployment is made from: a change in any of it means that the stage must be deployed again. */
const SOURCES = [
  ...["infra", "functions", "state-machines", "glue-jobs", "queries"],
  ...["cdk.json", "package.json", "package-lock.json"],
];
/** Hilo's variables that name the instance or are set by the deployment itself. */
const NO_SETTING = /^HILO_(?:STAGE|INSTANCE|\w+_PORT|LOCAL_\w+|STATUS_JSON|TEST_REPORT)$/;

/** SHA-256 over the sources of a deployment, the settings that the app reads, and the ports that are written into it. */
export function fingerprintSources(
  { root, ports }: LocalConfig,
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const settings = Object.entries(environment)
    .filter(([name, value]) => name.startsWith("HILO_") && value && !NO_SETTING.test(name))
    .sort();
  const hash = createHash("sha256").update(JSON.stringify([ports, settings]));
  const intents = environment["HILO_INTENTS_FILE"];
  const given = intents && existsSync(resolve(root, intents)) ? [resolve(root, intents)] : [];
  for (const file of [...SOURCES.map((name) => join(root, name)), ...given].flatMap(filesOf))
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".pyc"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
