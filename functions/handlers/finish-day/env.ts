import { z } from "zod";
import { envFields, readEnv } from "../../runtime/env.ts";

/** The environment of `finish-day`. @throws PermanentError naming what is missing */
export const finishDayEnv = () =>
  readEnv({
    BUCKET_NAME: envFields.url,
    ERASURE_LEDGER_TABLE: envFields.table,
    INDEX_LAG_SECONDS: z.coerce.number().positive(),
    LAKE_DAYS_TABLE: envFields.table,
    LAKE_WRITER: envFields.lakeWriter,
    TRAINING_LOGS: envFields.onOff,
    USER_OBJECTS_TABLE: envFields.table,
  });
