import { readdirSync } from "node:fs";
import { join } from "node:path";

const QUERIES = join(import.meta.dirname, "..", "queries");

/** Names of the queries of `queries/`. */
export const queryNames = (): readonly string[] =>
  readdirSync(QUERIES)
    .filter((file) => file.endsWith(".sql"))
    .map((file) => file.slice(0, -".sql".length))
    .sort();

/** Where a query's file is. */
export const queryPath = (name: string): string => join(QUERIES, `${name}.sql`);

/** Paths of queries' files by the names of the files. */
export const queryFiles = (...names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [`${name}.sql`, queryPath(name)]));
