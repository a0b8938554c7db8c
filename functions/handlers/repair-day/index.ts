import { createRepairDayDeps } from "./deps.ts";
import { repairDayEnv } from "./env.ts";
import { createRepairDayHandler } from "./handler.ts";

export const handler = createRepairDayHandler(await createRepairDayDeps(repairDayEnv()));
