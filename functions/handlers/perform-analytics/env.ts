import { messageTableEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `perform-analytics`. @throws PermanentError naming what is missing */
export const performAnalyticsEnv = () => readEnv(messageTableEnvFields);
