import { z } from "zod";
import { messageTableEnvFields, readEnv } from "../../runtime/env.ts";

/** The environment of `perform-analytics`. @throws PermanentError naming what is missing */
export const performAnalyticsEnv = () =>
  readEnv({
    ...messageTableEnvFields,
    /** `comprehend` sends texts to Amazon Comprehend for language and sentiment. */
    ANALYZER: z.enum(["local", "comprehend"]).default("local"),
    /** JSON file of intents, absolute or from the function's folder; empty: customer service. */
    INTENTS_FILE: z.string().default(""),
  });
