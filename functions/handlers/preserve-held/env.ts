import { envFields, openSearchEnvFields, personalTableEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `preserve-held`. @throws PermanentError naming what is missing */
export const preserveHeldEnv = () =>
  readEnv({
    ...openSearchEnvFields,
    ...personalTableEnvFields,
    ACCESS_CACHE_FUNCTION: envFields.url,
    BUCKET_NAME: envFields.url,
    ERASURE_LEDGER_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
    USER_OBJECTS_TABLE: envFields.table,
  });
