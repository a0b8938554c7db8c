import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { withDuckdb } from "../../../bench/duckdb.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import type { exactRow } from "../../support/parquet/rows.ts";
import { exact } from "../../support/parquet/rows.ts";

/** What a program that is not Hilo's finds in a file. */
export interface FoundByOther {
  /** Its own words for the columns' types. */
  readonly types: Readonly<Record<string, string>>;
  readonly rows: readonly ReturnType<typeof exactRow>[];
}

/** @param users where given, the rows of these persons one after the other, each found by a filter */
export type OtherReader = (file: string, ...users: string[]) => Promise<FoundByOther>;

/** SQL that gives a column to the bit, by type. */
const IN_DUCKDB = {
  string: (name: string) => `lower(hex(encode(${name})))`,
  json: (name: string) => `lower(hex(encode(${name})))`,
  bigint: (name: string) => `${name}::VARCHAR`,
  double: (name: string) => name,
  boolean: (name: string) => name,
  timestamp: (name: string) => `epoch_ms(${name})::VARCHAR`,
  date: (name: string) => `date_diff('day', DATE '1970-01-01', ${name})::VARCHAR`,
} as const;

export const readWithDuckdb: OtherReader = (file, ...users) =>
  withDuckdb(async (connection) => {
    const described = await connection.runAndReadAll("DESCRIBE FROM read_parquet($1)", [file]);
    const columns = MESSAGES.columns.map(({ name, type }) => `${IN_DUCKDB[type](`"${name}"`)} AS "${name}"`);
    const all = `SELECT ${columns.join(", ")} FROM read_parquet($1)`;
    const found = [];
    for (const filter of users.length > 0 ? users.map((user) => [user]) : [[]]) {
      const sql = filter.length > 0 ? `${all} WHERE user_id = $2` : all;
      found.push(...(await connection.runAndReadAll(sql, [file, ...filter])).getRowObjectsJS());
    }
    const types = described.getRowObjectsJS().map((row) => [row["column_name"], row["column_type"]]);
    const rows = found.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [
          name,
          typeof value === "number" ? exact(value) : (value as string | boolean | null),
        ]),
      ),
    );
    return { types: Object.fromEntries(types) as Record<string, string>, rows };
  });

/** Reads all of a file and writes it again, as DuckDB does. */
export const rewriteWithDuckdb = (from: string, to: string, codec: string): Promise<void> =>
  withDuckdb(async (connection) => {
    const options = `FORMAT parquet, COMPRESSION ${codec}, PRESERVE_ORDER true`;
    await connection.run(`COPY (FROM read_parquet('${from}')) TO '${to}' (${options})`);
  });

/** @param python an interpreter that has pyarrow */
export const readWithPyarrow =
  (python: string): OtherReader =>
  async (file, ...users) => {
    const script = join(import.meta.dirname, "read_exactly.py");
    const { stdout } = await promisify(execFile)(python, [script, file, ...users], {
      maxBuffer: 1 << 30,
    });
    const [types, ...rows] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    return { types, rows } as FoundByOther;
  };

/** The same by pyarrow. @param python an interpreter that has it */
export async function rewriteWithPyarrow(
  python: string,
  from: string,
  to: string,
  codec: string,
): Promise<void> {
  await promisify(execFile)(python, [join(import.meta.dirname, "write_again.py"), from, to, codec]);
}
