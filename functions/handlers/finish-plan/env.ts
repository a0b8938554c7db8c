import { envFields, erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `finish-plan`. @throws PermanentError naming what is missing */
export const finishPlanEnv = () =>
  readEnv({
    ...erasureEnvFields,
    ERASURE_DRAIN_SECONDS: envFields.seconds,
    KEY_SECRET_ID: envFields.url,
  });
