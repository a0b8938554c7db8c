import { createExportDayDeps } from "./deps.ts";
import { exportDayEnv } from "./env.ts";
import { createExportDayHandler } from "./handler.ts";

export const handler = createExportDayHandler(await createExportDayDeps(exportDayEnv()));
