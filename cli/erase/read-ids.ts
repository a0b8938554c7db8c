import { readFile } from "node:fs/promises";
import { text as textOf } from "node:stream/consumers";
import { CommandFailure } from "../failure.ts";

/** User ids that a command is about: those given, and those of a file. @throws CommandFailure (2) where there is none */
export async function wantedIds(users: readonly string[], file: string | undefined): Promise<string[]> {
  const ids = [...users, ...(file === undefined ? [] : await readIds(file))];
  if (ids.length === 0) throw new CommandFailure("Say whom: user ids, or --file", 2);
  return ids;
}

/** User ids of a file, one a line; blank lines and lines that begin with # are left out. @throws CommandFailure */
async function readIds(file: string): Promise<string[]> {
  let text: string;
  try {
    // As a stream: a pipe whose writer is slower than this program has nothing to read yet.
    text = await (file === "-" ? textOf(process.stdin) : readFile(file, "utf8"));
  } catch (error) {
    const cause = error instanceof Error && "code" in error ? String(error.code) : "error";
    throw new CommandFailure(`${file} cannot be read (${cause})`, 2);
  }
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
