import { createEraseCacheDeps } from "./deps.ts";
import { eraseCacheEnv } from "./env.ts";
import { createEraseCacheHandler } from "./handler.ts";

export const handler = createEraseCacheHandler(createEraseCacheDeps(eraseCacheEnv()));
