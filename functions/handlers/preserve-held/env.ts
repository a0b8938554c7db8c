import { envFields, openSearchEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `preserve-held`. @throws PermanentError naming what is missing */
export const preserveHeldEnv = () =>
  readEnv({
    ...openSearchEnvFields,
    ACCESS_CACHE_FUNCTION: envFields.url,
    BUCKET_NAME: envFields.url,
    CONVERSATION_CONTEXTS_TABLE: envFields.table,
    CONVERSATION_SESSIONS_TABLE: envFields.table,
    CONVERSATIONS_TABLE: envFields.table,
    ERASURE_LEDGER_TABLE: envFields.table,
    IDENTITIES_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
    MESSAGE_IDS_TABLE: envFields.table,
    QUARANTINE_TABLE: envFields.table,
    USER_OBJECTS_TABLE: envFields.table,
    USER_PROFILES_TABLE: envFields.table,
  });
