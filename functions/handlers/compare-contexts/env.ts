import { envFields, readEnv, redisEnvFields } from "../../runtime/env.ts";

/** The environment of `compare-contexts`. @throws PermanentError naming what is missing */
export const compareContextsEnv = () =>
  readEnv({
    ...redisEnvFields,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
  });
