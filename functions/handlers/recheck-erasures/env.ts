import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `recheck-erasures`. @throws PermanentError naming what is missing */
export const recheckErasuresEnv = () =>
  readEnv({ ...erasureEnvFields, KEY_SECRET_ID: envFields.url, STATE_MACHINE_ARN: envFields.url });
