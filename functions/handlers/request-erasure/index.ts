import { createRequestErasureDeps } from "./deps.ts";
import { requestErasureEnv } from "./env.ts";
import { createRequestErasureHandler } from "./handler.ts";

export const handler = createRequestErasureHandler(createRequestErasureDeps(requestErasureEnv()));
