import { createEraseTablesDeps } from "./deps.ts";
import { eraseTablesEnv } from "./env.ts";
import { createEraseTablesHandler } from "./handler.ts";

export const handler = createEraseTablesHandler(createEraseTablesDeps(eraseTablesEnv()));
