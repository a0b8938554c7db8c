import { createDayRowTable } from "../../functions/adapters/dynamodb/day-rows.ts";
import { createErasureLedger } from "../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createLakeDays } from "../../functions/adapters/dynamodb/lake-days.ts";
import { createLakePeople } from "../../functions/adapters/dynamodb/lake-people.ts";
import { createLakeRowFiles } from "../../functions/adapters/parquet/lake-row-files.ts";
import { createLakeObjects } from "../../functions/adapters/s3/lake-objects.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { type DayVerification, verifyDays } from "../../functions/core/use-cases/verify-days.ts";
import type { StageSession } from "../stage-session.ts";

/** Compares the days from one to another, both included, of a stage's table with its lake, one after the other. */
export async function* verifyLake(
  session: StageSession,
  from: string,
  to: string,
): AsyncGenerator<DayVerification> {
  const client = session.dynamo();
  const ledger = session.table("erasure-ledger");
  yield* verifyDays(from, to, {
    days: createLakeDays({
      client,
      tables: { days: session.table("lake-days"), ledger },
      clock: systemClock,
    }),
    rows: createDayRowTable({ client, table: session.table("conversation-contexts") }),
    objects: createLakeObjects({ client: session.s3(), bucket: session.outputs.bucket }),
    files: createLakeRowFiles("hyparquet"),
    ledger: createErasureLedger({ client, table: ledger }),
    people: createLakePeople({ client, table: session.table("user-objects"), clock: systemClock }),
    keys: await session.keys(),
    clock: systemClock,
  });
}
