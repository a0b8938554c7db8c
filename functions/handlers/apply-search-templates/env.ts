import { openSearchEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `apply-search-templates`. @throws PermanentError naming what is missing */
export const applySearchTemplatesEnv = () => readEnv(openSearchEnvFields);
