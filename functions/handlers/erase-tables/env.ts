import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `erase-tables`. @throws PermanentError naming what is missing */
export const eraseTablesEnv = () =>
  readEnv({
    ...erasureEnvFields,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    CONVERSATION_SESSIONS_TABLE: envFields.table,
    CONVERSATIONS_TABLE: envFields.table,
    IDENTITIES_TABLE: envFields.table,
    MESSAGE_IDS_TABLE: envFields.table,
    QUARANTINE_TABLE: envFields.table,
    USER_PROFILES_TABLE: envFields.table,
  });
