import { envFields, readEnv } from "../../runtime/env.ts";

/** The environment of `drain-dead-letters`. @throws PermanentError naming what is missing */
export const drainDeadLettersEnv = () =>
  readEnv({
    BUCKET_NAME: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
    QUARANTINE_TABLE: envFields.table,
    REFRESH_CACHE_QUEUE_URL: envFields.url,
    REPAIR_INDEX_QUEUE_URL: envFields.url,
    USER_OBJECTS_TABLE: envFields.table,
  });
