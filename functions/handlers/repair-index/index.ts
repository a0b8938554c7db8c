import { createRepairIndexDeps } from "./deps.ts";
import { repairIndexEnv } from "./env.ts";
import { createRepairIndexHandler } from "./handler.ts";

export const handler = createRepairIndexHandler(createRepairIndexDeps(repairIndexEnv()));
