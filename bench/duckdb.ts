import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";

/** Runs work on a DuckDB in memory, on one thread as the writers beside it. */
export async function withDuckdb<Result>(
  work: (connection: DuckDBConnection) => Promise<Result>,
): Promise<Result> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  const connection = await instance.connect();
  try {
    return await work(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
