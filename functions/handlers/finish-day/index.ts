import { createFinishDayDeps } from "./deps.ts";
import { finishDayEnv } from "./env.ts";
import { createFinishDayHandler } from "./handler.ts";

export const handler = createFinishDayHandler(await createFinishDayDeps(finishDayEnv()));
