import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `audit-erasures`. @throws PermanentError naming what is missing */
export const auditErasuresEnv = () =>
  readEnv({
    ...erasureEnvFields,
    ATHENA_WORKGROUP: envFields.url,
    BUCKET_NAME: envFields.url,
    GLUE_DATABASE: envFields.url,
    KEY_SECRET_ID: envFields.url,
    USER_OBJECTS_TABLE: envFields.table,
  });
