import { erasureEnvFields, personalTableEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `erase-tables`. @throws PermanentError naming what is missing */
export const eraseTablesEnv = () => readEnv({ ...erasureEnvFields, ...personalTableEnvFields });
