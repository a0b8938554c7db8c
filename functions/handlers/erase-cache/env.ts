import { erasureEnvFields, readEnv, redisEnvFields } from "../../runtime/env.ts";

/** The environment of `erase-cache`. @throws PermanentError naming what is missing */
export const eraseCacheEnv = () =>
  readEnv({
    ...erasureEnvFields,
    ...redisEnvFields,
  });
