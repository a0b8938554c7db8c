import { envFields, readEnv } from "../../runtime/env.ts";

/** The environment of `publish-staged`. @throws PermanentError naming what is missing */
export const publishStagedEnv = () =>
  readEnv({
    BUCKET_NAME: envFields.url,
    ERASURE_LEDGER_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
    LAKE_DAYS_TABLE: envFields.table,
    LAKE_WRITER: envFields.lakeWriter,
    USER_OBJECTS_TABLE: envFields.table,
  });
