import { createFinishErasureDeps } from "./deps.ts";
import { finishErasureEnv } from "./env.ts";
import { createFinishErasureHandler } from "./handler.ts";

export const handler = createFinishErasureHandler(createFinishErasureDeps(finishErasureEnv()));
