import { erasureEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `request-erasure`. @throws PermanentError naming what is missing */
export const requestErasureEnv = () => readEnv(erasureEnvFields);
