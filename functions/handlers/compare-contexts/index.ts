import { createCompareContextsDeps } from "./deps.ts";
import { compareContextsEnv } from "./env.ts";
import { createCompareContextsHandler } from "./handler.ts";

export const handler = createCompareContextsHandler(createCompareContextsDeps(compareContextsEnv()));
