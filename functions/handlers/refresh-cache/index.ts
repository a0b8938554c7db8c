import { createRefreshCacheDeps } from "./deps.ts";
import { refreshCacheEnv } from "./env.ts";
import { createRefreshCacheHandler } from "./handler.ts";

export const handler = createRefreshCacheHandler(createRefreshCacheDeps(refreshCacheEnv()));
