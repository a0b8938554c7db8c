import { createEraseSearchDeps } from "./deps.ts";
import { eraseSearchEnv } from "./env.ts";
import { createEraseSearchHandler } from "./handler.ts";

export const handler = createEraseSearchHandler(createEraseSearchDeps(eraseSearchEnv()));
