import { readFileSync } from "node:fs";
import { CommandFailure } from "../failure.ts";

/** User ids of a file, one a line; blank lines and lines that begin with # are left out. @throws CommandFailure */
export function readIds(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file === "-" ? process.stdin.fd : file, "utf8");
  } catch (error) {
    const cause = error instanceof Error && "code" in error ? String(error.code) : "error";
    throw new CommandFailure(`${file} cannot be read (${cause})`, 2);
  }
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
