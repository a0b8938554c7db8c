import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `erase-objects`. @throws PermanentError naming what is missing */
export const eraseObjectsEnv = () =>
  readEnv({
    ...erasureEnvFields,
    BUCKET_NAME: envFields.url,
    ERASURE_DRAIN_SECONDS: envFields.seconds,
    KEY_SECRET_ID: envFields.url,
    LAKE_DAYS_TABLE: envFields.table,
    LAKE_WRITER: envFields.lakeWriter,
    USER_OBJECTS_TABLE: envFields.table,
  });
