import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * A stamp is a file written last, after an installation: it names what was installed. An installation that was
 * interrupted has no stamp, or an older one, and is therefore done again.
 */
export function isStamped(file: string, content: string): boolean {
  return existsSync(file) && readFileSync(file, "utf8") === content;
}

/** Writes a stamp so that it is either whole or absent. */
export function writeStamp(file: string, content: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

/** Removes a stamp before its installation is changed. */
export function clearStamp(file: string): void {
  rmSync(file, { force: true });
}

/** SHA-256 over texts and files' contents, in hexadecimal. */
export function fingerprint(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex");
}
