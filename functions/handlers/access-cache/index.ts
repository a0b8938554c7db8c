import { createAccessCacheDeps } from "./deps.ts";
import { accessCacheEnv } from "./env.ts";
import { createAccessCacheHandler } from "./handler.ts";

export const handler = createAccessCacheHandler(createAccessCacheDeps(accessCacheEnv()));
