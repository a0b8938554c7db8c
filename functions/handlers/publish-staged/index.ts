import { createPublishStagedDeps } from "./deps.ts";
import { publishStagedEnv } from "./env.ts";
import { createPublishStagedHandler } from "./handler.ts";

export const handler = createPublishStagedHandler(await createPublishStagedDeps(publishStagedEnv()));
