import { envFields, openSearchEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `repair-index`. @throws PermanentError naming what is missing */
export const repairIndexEnv = () =>
  readEnv({
    ...openSearchEnvFields,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
  });
