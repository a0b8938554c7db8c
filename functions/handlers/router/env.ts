import { envFields, readEnv } from "../../runtime/env.ts";

/** The router's environment. @throws PermanentError naming what is missing */
export const routerEnv = () =>
  readEnv({
    ANALYZE_MESSAGES: envFields.flag,
    BUCKET_NAME: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
    QUARANTINE_TABLE: envFields.table,
    QUEUE_URL: envFields.url,
    REFRESH_CACHE_QUEUE_URL: envFields.url,
    REPAIR_INDEX_QUEUE_URL: envFields.url,
    STATE_MACHINE_ARN: envFields.url,
    USER_OBJECTS_TABLE: envFields.table,
    WORKFLOW_CALL_TIMEOUT_MS: envFields.milliseconds,
  });
