import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { LocalConfig } from "./config.ts";

/** What a deployment is made from: a change in any of it means that the stage must be deployed again. */
const SOURCES = ["infra", "functions", "state-machines", "cdk.json", "package-lock.json"];

/** SHA-256 over the sources of a deployment and the ports that are written into it. */
export function fingerprintSources({ root, ports }: LocalConfig): string {
  const hash = createHash("sha256").update(JSON.stringify(ports));
  for (const file of SOURCES.flatMap((name) => filesOf(join(root, name))))
    hash.update(`\0${relative(root, file)}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
