import { envFields, readEnv } from "../../runtime/env.ts";

/** The environment of `write-daily-metrics`. @throws PermanentError naming what is missing */
export const writeDailyMetricsEnv = () =>
  readEnv({
    ATHENA_WORKGROUP: envFields.url,
    BUCKET_NAME: envFields.url,
    GLUE_DATABASE: envFields.url,
    REPORTING_TIMEZONE: envFields.url,
  });
