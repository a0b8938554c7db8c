import { envFields, readEnv } from "../../runtime/env.ts";

/** The environment of `run-glue-job`. @throws PermanentError naming what is missing */
export const runGlueJobEnv = () =>
  readEnv({
    BUCKET_KEY_ARN: envFields.url,
    BUCKET_NAME: envFields.url,
    CONVERSATION_CONTEXTS_TABLE_ARN: envFields.url,
    GLUE_JOB_DAILY_CONVERSATION_ANALYTICS: envFields.url,
    GLUE_JOB_EXPORT_CONVERSATIONS: envFields.url,
  });
