import { createPlanErasureDeps } from "./deps.ts";
import { planErasureEnv } from "./env.ts";
import { createPlanErasureHandler } from "./handler.ts";

export const handler = createPlanErasureHandler(await createPlanErasureDeps(planErasureEnv()));
