import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `fence-people`. @throws PermanentError naming what is missing */
export const fencePeopleEnv = () =>
  readEnv({
    ...erasureEnvFields,
    ERASURE_DRAIN_SECONDS: envFields.seconds,
    IDENTITIES_TABLE: envFields.table,
    KEY_SECRET_ID: envFields.url,
  });
