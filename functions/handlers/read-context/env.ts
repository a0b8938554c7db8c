import { envFields, readEnv, redisEnvFields } from "../../runtime/env.ts";

/** The environment of `read-context`. @throws PermanentError naming what is missing */
export const readContextEnv = () =>
  readEnv({
    ...redisEnvFields,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
  });
