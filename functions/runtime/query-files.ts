import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseQueryFile, type QueryFiles } from "../core/domain/query-file.ts";

/**
 * Reads every `*.sql` of a folder: `queries/` of the repository, or of a function's asset.
 * @throws RangeError when a header is wrong; Error when the folder cannot be read
 */
export function readQueryFiles(folder: string): QueryFiles {
  const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));
  return new Map(
    files.map((file) => [basename(file, ".sql"), parseQueryFile(readFileSync(join(folder, file), "utf8"))]),
  );
}
