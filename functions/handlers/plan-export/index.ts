import { createPlanExportDeps } from "./deps.ts";
import { planExportEnv } from "./env.ts";
import { createPlanExportHandler } from "./handler.ts";

export const handler = createPlanExportHandler(await createPlanExportDeps(planExportEnv()));
