import { createReadContextDeps } from "./deps.ts";
import { readContextEnv } from "./env.ts";
import { createReadContextHandler } from "./handler.ts";

export const handler = createReadContextHandler(createReadContextDeps(readContextEnv()));
