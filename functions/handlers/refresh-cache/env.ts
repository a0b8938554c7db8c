import { envFields, readEnv, redisEnvFields } from "../../runtime/env.ts";

/** The environment of `refresh-cache`. @throws PermanentError naming what is missing */
export const refreshCacheEnv = () =>
  readEnv({
    ...redisEnvFields,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
  });
