import { createApproveErasureDeps } from "./deps.ts";
import { approveErasureEnv } from "./env.ts";
import { createApproveErasureHandler } from "./handler.ts";

export const handler = createApproveErasureHandler(await createApproveErasureDeps(approveErasureEnv()));
