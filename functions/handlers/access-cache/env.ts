import { envFields, readEnv, redisEnvFields } from "../../runtime/env.ts";

/** The environment of `access-cache`. @throws PermanentError naming what is missing */
export const accessCacheEnv = () => readEnv({ ...redisEnvFields, ERASURE_LEDGER_TABLE: envFields.table });
