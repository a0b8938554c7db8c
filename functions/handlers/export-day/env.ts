import { envFields, readEnv } from "../../runtime/env.ts";

/** The environment of `export-day`. @throws PermanentError naming what is missing */
export const exportDayEnv = () =>
  readEnv({
    BUCKET_NAME: envFields.url,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
    LAKE_DAYS_TABLE: envFields.table,
    LAKE_WRITER: envFields.lakeWriter,
    TRAINING_LOGS: envFields.onOff,
    TRAINING_LOGS_PSEUDONYMISE: envFields.flag,
    TRAINING_LOGS_REDACT: envFields.flag,
    USER_OBJECTS_TABLE: envFields.table,
    USER_PROFILES_TABLE: envFields.table,
  });
