import { readEnv, redisEnvFields } from "../../runtime/env.ts";

/** The environment of `store-in-cache`. @throws PermanentError naming what is missing */
export const storeInCacheEnv = () => readEnv(redisEnvFields);
