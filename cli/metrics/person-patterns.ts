import { createParquetFiles } from "../../functions/adapters/parquet/lake-row-files.ts";
import { createLakeObjects } from "../../functions/adapters/s3/lake-objects.ts";
import { DAY_MS } from "../../functions/core/domain/day.ts";
import type { MetricRow } from "../../functions/core/domain/metric-lines.ts";
import { USER_PATTERNS, type UserRow } from "../../functions/core/domain/user-tables.ts";
import { CommandFailure } from "../failure.ts";
import type { StageSession } from "../stage-session.ts";

/**
 * One person's patterns, straight from the file: Athena's history would keep the id for 45 days.
 * @throws CommandFailure where there is no file yet
 */
export async function readPatternsOf(session: StageSession, user: string): Promise<MetricRow | undefined> {
  const objects = createLakeObjects({ client: session.s3(), bucket: session.outputs.bucket });
  const key = USER_PATTERNS.key("");
  const version = await objects.head(key);
  if (version === undefined)
    throw new CommandFailure("There are no patterns yet: compute them with npx hilo export --patterns");
  const files = createParquetFiles<UserRow>(USER_PATTERNS.schema, "hyparquet");
  for await (const row of files.read(objects.open(key, version)))
    if (row.user_id === user)
      return Object.fromEntries(
        USER_PATTERNS.schema.columns.map(({ name, type }) => [
          name,
          type === "date" ? dayOf(row[name]) : (row[name] ?? null),
        ]),
      );
  return undefined;
}

/** Days since 1970 as `YYYY-MM-DD`. */
const dayOf = (days: UserRow[string] | undefined): string | null =>
  typeof days === "number" ? new Date(days * DAY_MS).toISOString().slice(0, 10) : null;
