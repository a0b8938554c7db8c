import { createFinishPlanDeps } from "./deps.ts";
import { finishPlanEnv } from "./env.ts";
import { createFinishPlanHandler } from "./handler.ts";

export const handler = createFinishPlanHandler(await createFinishPlanDeps(finishPlanEnv()));
