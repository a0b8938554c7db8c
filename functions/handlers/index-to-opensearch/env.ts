import { envFields, openSearchEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `index-to-opensearch`. @throws PermanentError naming what is missing */
export const indexToOpenSearchEnv = () =>
  readEnv({ ...openSearchEnvFields, CONVERSATION_CONTEXTS_TABLE: envFields.table });
