import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `approve-erasure`. @throws PermanentError naming what is missing */
export const approveErasureEnv = () =>
  readEnv({
    ...erasureEnvFields,
    IDENTITIES_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
  });
