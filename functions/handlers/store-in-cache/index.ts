import { createStoreInCacheDeps } from "./deps.ts";
import { storeInCacheEnv } from "./env.ts";
import { createStoreInCacheHandler } from "./handler.ts";

export const handler = createStoreInCacheHandler(createStoreInCacheDeps(storeInCacheEnv()));
