import { createIndexToOpenSearchDeps } from "./deps.ts";
import { indexToOpenSearchEnv } from "./env.ts";
import { createIndexToOpenSearchHandler } from "./handler.ts";

export const handler = createIndexToOpenSearchHandler(createIndexToOpenSearchDeps(indexToOpenSearchEnv()));
