import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `plan-erasure`. @throws PermanentError naming what is missing */
export const planErasureEnv = () =>
  readEnv({
    ...erasureEnvFields,
    IDENTITIES_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
  });
