import { createEraseObjectsDeps } from "./deps.ts";
import { eraseObjectsEnv } from "./env.ts";
import { createEraseObjectsHandler } from "./handler.ts";

export const handler = createEraseObjectsHandler(await createEraseObjectsDeps(eraseObjectsEnv()));
