import { createRunGlueJobDeps } from "./deps.ts";
import { runGlueJobEnv } from "./env.ts";
import { createRunGlueJobHandler } from "./handler.ts";

export const handler = createRunGlueJobHandler(createRunGlueJobDeps(runGlueJobEnv()));
