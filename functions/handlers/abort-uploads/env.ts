import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `abort-uploads`. @throws PermanentError naming what is missing */
export const abortUploadsEnv = () =>
  readEnv({
    ...erasureEnvFields,
    BUCKET_NAME: envFields.url,
    LAKE_DAYS_TABLE: envFields.table,
    USER_OBJECTS_TABLE: envFields.table,
  });
