import { envFields, openSearchEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `repair-day`. @throws PermanentError naming what is missing */
export const repairDayEnv = () =>
  readEnv({
    ...openSearchEnvFields,
    COMPARE_CONTEXTS_FUNCTION: envFields.url,
    COMPARE_CONTEXTS_TIMEOUT_MS: envFields.milliseconds,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
  });
